// How the one line begins that a Go program prints when it is not followed.
#pragma once

#define LASTCALL_GO_AS_IF_WITHOUT "lastcall: this Go program runs as if without lastcall: "
