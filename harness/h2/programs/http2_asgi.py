"""The ASGI application of hypercorn: uvicorn's, a line for each stream, an echo while it is sent,
and one of websocket messages."""

import sys

import asgi_app


async def app(scope, receive, send):
    if scope["type"] == "websocket":
        return await echo_messages(receive, send)
    if scope["type"] != "http":
        return
    target = "?".join(filter(None, [scope["path"], scope["query_string"].decode()]))
    print(scope["method"], target, file=sys.stderr, flush=True)
    if scope["path"] == "/chat":
        return await echo(receive, send)
    await asgi_app.app(scope, receive, send)


async def echo(receive, send):
    await asgi_app.start(send, 200)
    more = True
    while more:
        event = await receive()
        more = event.get("more_body", False)
        await send({"type": "http.response.body", "body": event.get("body", b""), "more_body": more})


async def echo_messages(receive, send):
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] != "websocket.disconnect":
        if event["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": event["text"]})
