"""Alerts: what stands on the attention list goes to e-mail and a webhook, once when it begins and
once when it is over. `rules` decides, `outbox` keeps what waits, `mail` and `webhook` send, `loop`
runs them beside the requests of a web process, `office` and `pi` say what each role watches."""
