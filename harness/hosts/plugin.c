/* A plug-in that writes to the connections of its host, loaded with a scope of its own.
 * Knows one call. Refuses to know whose definition of it the loader gives. */
#include <unistd.h>

ssize_t plug_in_write(int fd, const void* bytes, size_t length);

ssize_t plug_in_write(int fd, const void* bytes, size_t length) { return write(fd, bytes, length); }
