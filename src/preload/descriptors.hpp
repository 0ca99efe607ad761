// The life of connections as descriptors tell it: birth, aliases, death. Every event that gives a
// number a new meaning comes here. Knows no HTTP.
#pragma once

#include "table.hpp"

#include <sys/socket.h>
#include <cstdio>

namespace lastcall {

// ---- after the real call ----

// accept returned this descriptor.
void born(int fd);
// It arrived over a Unix socket: followed if nothing was read or written on it yet.
void adopt_passed(const msghdr& message);
// It is a new number for what `from` means.
void alias(int from, int to);
// It is a new file, whatever the number meant before; what that was, is gone already.
void renumbered(int fd);

// ---- before the real call ----

// It is about to be closed, or to be made something else.
void forget(int fd);
void forget_range(unsigned low, unsigned high);
// It is about to be wrapped in a FILE, whose reads and writes are libc's own.
void lose_to_stdio(int fd);
// A stream is about to be closed, all of them are: so are their descriptors, out of our sight.
void forget_stream(FILE* stream);
void forget_stdio();

// ---- at the start ----

// Descriptors 0 to 2 as inetd passes them, and so many from 3 on as a service manager does.
void adopt_inherited(int from_manager);

}  // namespace lastcall
