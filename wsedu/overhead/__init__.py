"""Polling, long polling, server-sent events and WebSocket: what each costs, modelled, simulated and measured.

`model` and `delays` are the closed forms, `simulate` plays many clients in virtual time, `measure` runs real servers
and clients on the loopback interface.
"""
