"""Keeps every packet that is routed into an interface of its own for a while, and gives it back to the kernel then.

    delay.py INTERFACE MILLISECONDS

What comes out again comes in by that interface, so that a router that sends packets here by where they came in from sends
them on the second time. Kernels without netem delay packets by it. Says `ready` in a line, and ends with its input.
"""

import fcntl
import os
import select
import struct
import sys
import time
from collections import deque

# linux/if_tun.h: an interface of IP packets, without a header before them.
TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
OCTETS = 65536

name, delay = sys.argv[1], int(sys.argv[2]) / 1000
packets = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
fcntl.ioctl(packets, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
print("ready", flush=True)

kept = deque()
while True:
    wait = None if not kept else max(0, kept[0][0] - time.monotonic())
    readable, _, _ = select.select([packets, sys.stdin], [], [], wait)
    if sys.stdin in readable and os.read(sys.stdin.fileno(), OCTETS) == b"":
        break
    if packets in readable:
        kept.append((time.monotonic() + delay, os.read(packets, OCTETS)))
    while kept and kept[0][0] <= time.monotonic():
        os.write(packets, kept.popleft()[1])
