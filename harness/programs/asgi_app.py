"""The ASGI application of uvicorn."""

import handler


async def content_length(receive):
    length, more = 0, True
    while more:
        event = await receive()
        length += len(event.get("body", b""))
        more = event.get("more_body", False)
    return length


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/early":
        return await answer(send, *handler.resource("/small.txt", 0))
    length = await content_length(receive)
    if scope["path"] == "/chunks":
        return await answer_in_chunks(send)
    await answer(send, *handler.resource(scope["path"], length))


async def start(send, status, *fields):
    await send({"type": "http.response.start", "status": status,
                "headers": [(b"content-type", b"text/plain"), *fields]})


async def answer(send, status, content):
    await start(send, status, (b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.body", "body": content})


async def answer_in_chunks(send):
    handler.count()
    await start(send, 200)
    for chunk in handler.CHUNKS:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body"})
