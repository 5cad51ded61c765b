"""Figures as Prometheus takes them, of either role."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
PREFIX: Final = "hexabrand_"

Value = float | int | None
Labelled = Iterable[tuple[str, Value]]


def gauge(name: str, means: str, value: Value) -> Iterator[Metric]:
    if value is not None:  # a figure that is not known is missing, and not 0
        yield GaugeMetricFamily(PREFIX + name, means, value=float(value))


def gauges(name: str, means: str, label: str, values: Labelled) -> Iterator[Metric]:
    """Yield a gauge with a figure for each value of a label."""
    yield _labelled(GaugeMetricFamily(PREFIX + name, means, labels=[label]), values)


def counters(name: str, means: str, label: str, values: Labelled) -> Iterator[Metric]:
    """Yield as `gauges` does, of what only grows; the name ends in `_total`."""
    yield _labelled(CounterMetricFamily(PREFIX + name, means, labels=[label]), values)


def _labelled(family: GaugeMetricFamily | CounterMetricFamily, values: Labelled) -> Metric:
    for label, value in values:
        if value is not None:
            family.add_metric([label], float(value))
    return family


def counter(name: str, means: str, value: Value) -> Iterator[Metric]:
    if value is not None:
        yield CounterMetricFamily(PREFIX + name, means, value=float(value))


def build(**labels: str) -> Iterator[Metric]:
    """Yield what runs here, as labels of a figure that is always 1."""
    family = GaugeMetricFamily(
        PREFIX + "build_info", "Release, role, Python and database.", labels=list(labels)
    )
    family.add_metric(list(labels.values()), 1.0)
    yield family


class _AtScrape(Collector):
    def __init__(self, read: Callable[[], Iterable[Metric]]) -> None:
        self._read = read

    def collect(self) -> Iterable[Metric]:
        return self._read()


def exposed(read: Callable[[], Iterable[Metric]]) -> bytes:
    """Return the text of what `read` yields, asked now."""
    # A registry of its own: the library's has figures of the process that nobody here wants.
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_AtScrape(read))
    return generate_latest(registry)
