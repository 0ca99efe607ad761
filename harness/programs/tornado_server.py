"""tornado, on its own loop."""

import asyncio

import tornado.web

import handler


class Resource(tornado.web.RequestHandler):
    async def get(self):
        if self.request.path == "/chunks":
            return await self.chunks()
        status, content = handler.resource(self.request.path, len(self.request.body))
        self.set_status(status)
        self.finish(content)

    head = post = get

    async def chunks(self):
        handler.count()
        for chunk in handler.CHUNKS:
            self.write(chunk)
            await self.flush()


async def main():
    tornado.web.Application([(r"/.*", Resource)]).listen(handler.PORT, "127.0.0.1")
    await asyncio.Event().wait()


asyncio.run(main())
