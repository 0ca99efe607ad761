// Status pages of servers that are gone: nobody but the next server is sure to come by.
#pragma once

namespace lastcall::status {

// Removes the pages in the folder that no process maps any more, as far as this one may.
void sweep(const char* folder);

}  // namespace lastcall::status
