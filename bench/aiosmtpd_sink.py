"""Takes all mail and drops it: aiosmtpd_sink.py PORT [CERTIFICATE KEY], with STARTTLS where a certificate is given."""

import asyncio
import signal
import ssl
import sys

from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    # The default data limit is 32 MiB; the host name is given, so that it asks no resolver.
    await loop.create_server(lambda: SMTP(Sink(), hostname="sink.example.test", tls_context=context, loop=loop), "127.0.0.1", int(sys.argv[1]),
                             backlog=4096)
    await stop.wait()


asyncio.run(main())
