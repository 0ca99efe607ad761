/* libmicrohttpd, by one epoll thread, four of them, or a thread per connection (argument "epoll", "pool" or
   "threads").
   Head by send, content by sendfile. Counts what it executes. Serves WWW on PORT. */

#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_ulong executed;

struct exchange {
    size_t length;
};

static enum MHD_Result queue(struct MHD_Connection *connection, unsigned status,
                             struct MHD_Response *response) {
    enum MHD_Result result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result reply_number(struct MHD_Connection *connection, unsigned long number) {
    char text[32];
    int size = snprintf(text, sizeof text, "%lu", number);
    return queue(connection, 200,
                 MHD_create_response_from_buffer((size_t)size, text, MHD_RESPMEM_MUST_COPY));
}

static enum MHD_Result reply_file(struct MHD_Connection *connection, const char *path) {
    char name[512];
    struct stat status;
    snprintf(name, sizeof name, "%s%s", getenv("WWW"), path);
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status))
        return queue(connection, 404,
                     MHD_create_response_from_buffer(5, "none\n", MHD_RESPMEM_PERSISTENT));
    return queue(connection, 200, MHD_create_response_from_fd((size_t)status.st_size, file));
}

static enum MHD_Result answer(void *unused, struct MHD_Connection *connection, const char *path,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state) {
    (void)unused, (void)method, (void)version, (void)data;
    struct exchange *exchange = *state;
    if (!exchange) {
        *state = calloc(1, sizeof(struct exchange));
        return MHD_YES;
    }
    if (*size) {
        exchange->length += *size;
        *size = 0;
        return MHD_YES;
    }
    if (!strcmp(path, "/executed")) return reply_number(connection, executed);
    executed++;
    if (!strcmp(path, "/length")) return reply_number(connection, exchange->length);
    return reply_file(connection, path);
}

static void forget(void *unused, struct MHD_Connection *connection, void **state,
                   enum MHD_RequestTerminationCode code) {
    (void)unused, (void)connection, (void)code;
    free(*state);
}

int main(int count, char **arguments) {
    int pool = count > 1 && !strcmp(arguments[1], "pool");
    int by_epoll = pool || (count > 1 && !strcmp(arguments[1], "epoll"));
    unsigned threads = pool ? 4 : 0;
    unsigned mode = by_epoll ? MHD_USE_EPOLL_INTERNAL_THREAD
                             : MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD;
    unsigned short port = (unsigned short)atoi(getenv("PORT"));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct MHD_Daemon *server = MHD_start_daemon(
        mode | MHD_USE_ERROR_LOG, port, NULL, NULL, answer, NULL,
        MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_NOTIFY_COMPLETED, forget, NULL,
        MHD_OPTION_THREAD_POOL_SIZE, threads, MHD_OPTION_CONNECTION_LIMIT, 512u, MHD_OPTION_LISTEN_BACKLOG_SIZE, 512u, MHD_OPTION_END);
    if (!server) return 1;
    for (;;) pause();
}
