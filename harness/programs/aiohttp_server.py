"""aiohttp: files by its static route (sendfile), the rest by handlers."""

from aiohttp import web

import handler


async def count(request, _):
    if request.path != "/executed":
        handler.count()


async def executed(_):
    return web.Response(text=str(handler.total))


async def length(request):
    return web.Response(text=str(len(await request.read())))


async def chunks(request):
    response = web.StreamResponse()
    await response.prepare(request)
    for chunk in handler.CHUNKS:
        await response.write(chunk)
    return response


app = web.Application(client_max_size=1 << 26)
app.on_response_prepare.append(count)
app.router.add_get("/executed", executed)
app.router.add_get("/chunks", chunks)
app.router.add_post("/length", length)
app.router.add_static("/", handler.WWW)
web.run_app(app, host="127.0.0.1", port=handler.PORT, print=None, backlog=512)
