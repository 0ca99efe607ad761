/* A server that reads and writes its connections through stdio, whose calls to the kernel stay
   inside libc: a preloaded library sees accept, dup and fdopen, and not one byte.
   A child per connection. Serves WWW on PORT. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static void send_file(FILE *out, const char *path, int with_content) {
    char name[512], block[65536];
    size_t got;
    snprintf(name, sizeof name, "%s%s", getenv("WWW"), path);
    FILE *file = fopen(name, "rb");
    if (!file) {
        fprintf(out, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    fseek(file, 0, SEEK_END);
    fprintf(out, "HTTP/1.1 200 OK\r\nContent-Length: %ld\r\n\r\n", ftell(file));
    rewind(file);
    while (with_content && (got = fread(block, 1, sizeof block, file)) > 0) fwrite(block, 1, got, out);
    fclose(file);
}

static int skip_rest(FILE *in) {
    char line[1024];
    long length = 0;
    while (fgets(line, sizeof line, in) && strcmp(line, "\r\n"))
        if (!strncasecmp(line, "Content-Length:", 15)) length = atol(line + 15);
    while (length-- > 0)
        if (fgetc(in) == EOF) return 0;
    return !feof(in);
}

static void serve(int fd) {
    FILE *in = fdopen(fd, "r"), *out = fdopen(dup(fd), "w");
    char line[1024], method[16], path[256];
    while (fgets(line, sizeof line, in) && sscanf(line, "%15s %255[^? ]", method, path) == 2) {
        if (!skip_rest(in)) break;
        send_file(out, path, strcmp(method, "HEAD") != 0);
        if (fflush(out)) break;
    }
    fclose(in);
    fclose(out);
}

int main(void) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1, fd;
    address.sin_port = htons((unsigned short)atoi(getenv("PORT")));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    signal(SIGCHLD, SIG_IGN);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 512))
        return 1;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        if (!fork()) {
            serve(fd);
            exit(0);
        }
        close(fd);
    }
    return 1;
}
