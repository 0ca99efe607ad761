/* libevent's evhttp: reads with readv, writes with writev, dies of SIGPIPE by default.
   Counts what it executes. Serves WWW on PORT. */

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned long executed;

static void reply_text(struct evhttp_request *request, unsigned long number) {
    struct evbuffer *content = evbuffer_new();
    evbuffer_add_printf(content, "%lu", number);
    evhttp_send_reply(request, 200, "OK", content);
    evbuffer_free(content);
}

static void reply_chunks(struct evhttp_request *request) {
    static const char *const chunks[] = {"first\n", "second\n", "third\n"};
    struct evbuffer *chunk = evbuffer_new();
    evhttp_send_reply_start(request, 200, "OK");
    for (int i = 0; i < 3; i++) {
        evbuffer_add(chunk, chunks[i], strlen(chunks[i]));
        evhttp_send_reply_chunk(request, chunk);
    }
    evhttp_send_reply_end(request);
    evbuffer_free(chunk);
}

static void reply_file(struct evhttp_request *request, const char *path) {
    char name[512];
    struct stat status;
    snprintf(name, sizeof name, "%s%s", getenv("WWW"), path);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status)) {
        evhttp_send_error(request, 404, NULL);
        return;
    }
    struct evbuffer *content = evbuffer_new();
    evbuffer_add_file(content, file, 0, status.st_size);
    evhttp_send_reply(request, 200, "OK", content);
    evbuffer_free(content);
}

static void answer(struct evhttp_request *request, void *unused) {
    (void)unused;
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    if (!strcmp(path, "/executed")) {
        reply_text(request, executed);
        return;
    }
    executed++;
    if (!strcmp(path, "/length"))
        reply_text(request, evbuffer_get_length(evhttp_request_get_input_buffer(request)));
    else if (!strcmp(path, "/chunks"))
        reply_chunks(request);
    else
        reply_file(request, path);
}

int main(void) {
    struct event_base *base = event_base_new();
    struct evhttp *server = evhttp_new(base);
    evhttp_set_gencb(server, answer, NULL);
    if (evhttp_bind_socket(server, "127.0.0.1", (unsigned short)atoi(getenv("PORT")))) return 1;
    return event_base_dispatch(base);
}
