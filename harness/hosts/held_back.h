/* What a preload that holds a call back, and the program whose library makes that call, tell each other.
 * Refuses to know which of them is there: a program that finds no `held_back` runs bare. */
#ifndef HELD_BACK_H
#define HELD_BACK_H

#include <stdatomic.h>

enum held_call { NO_CALL, THROWS_AWAY, HALF_CLOSES };

struct held_back {
    atomic_int call;    /* what to hold, once: an enum held_call */
    atomic_int reached; /* somebody is about to make that call */
    atomic_int go;      /* it need not be held any longer */
    atomic_int done;    /* it was made */
};

#endif
