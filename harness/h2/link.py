"""A link in front of a port on which every byte and every end takes its time, each way.

Knows sockets. What arrives is acknowledged at once, as by a proxy: only what is said travels slowly.
"""

import asyncio
import contextlib
import threading


class Link:
    """Between `with` and its end; `port` is its near end."""

    def __init__(self, port, delay):
        self.behind, self.delay = port, delay
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        self.server = self.do(asyncio.start_server(self.join, "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_):
        self.do(self.end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def do(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    async def end(self):
        self.server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def join(self, reader, writer):
        there, back = await asyncio.open_connection("127.0.0.1", self.behind)
        try:
            await asyncio.gather(self.carry(reader, back), self.carry(there, writer))
        finally:
            back.close()
            writer.close()

    async def carry(self, reader, writer):
        """Each part is let go so much later than it came; the end, too."""
        under_way = asyncio.Queue()
        let_go = asyncio.create_task(self.let_go(under_way, writer))
        part = True
        while part:
            part = b""
            with contextlib.suppress(ConnectionError):
                part = await reader.read(1 << 16)
            under_way.put_nowait((self.loop.time() + self.delay, part))
        await let_go

    async def let_go(self, under_way, writer):
        with contextlib.suppress(ConnectionError):
            while True:
                at, part = await under_way.get()
                await asyncio.sleep(at - self.loop.time())
                if not part:
                    writer.write_eof()
                    return
                writer.write(part)
