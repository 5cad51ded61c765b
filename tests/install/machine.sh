# A small machine: the root of this one under an overlay, and systemd as PID 1 of its own namespaces.
# Run by tests/install/machine.py, inside a PID and a mount namespace that end with the test.
# Usage: machine.sh FOLDER CGROUP NETWORK [SOURCE TARGET]…   (folders shown read-only in the machine)
set -e
folder=$1 cgroup=$2 network=$3
shift 3

if [ "$network" != inside ]; then
    mount -t tmpfs tmpfs "$folder"
    mkdir "$folder/upper" "$folder/work" "$folder/root"
    mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
    rm -rf "$folder"/root/etc/systemd/system/*.wants # this machine's own services stay away
    [ "$network" = host ] || isolate=--net
    echo $$ >"$cgroup/cgroup.procs"
    status=129
    while [ $status = 129 ]; do # SIGHUP: how a PID namespace tells that its machine reboots
        set +e
        unshare --fork --pid --mount --propagation private --ipc --uts --cgroup $isolate \
            sh "$0" "$folder" "$cgroup" inside "$@"
        status=$?
        set -e
    done
    exit $status
fi

root=$folder/root
mount -t proc proc "$root/proc"
mount -o bind,ro "$root/proc/sys" "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys" 2>/dev/null || mount --rbind -o ro /sys "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for node in null zero full random urandom tty; do cp -a "/dev/$node" "$root/dev/"; done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
for number in 0:stdin 1:stdout 2:stderr; do ln -s "fd/${number%:*}" "$root/dev/${number#*:}"; done
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
while [ $# -gt 0 ]; do
    mkdir -p "$root$2"
    mount -o bind,ro "$1" "$root$2"
    shift 2
done
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
ip link set lo up
hostname barn
cd "$root"
mkdir -p old
pivot_root . old
umount -l /old
exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=multi-user.target --log-target=journal --show-status=no
