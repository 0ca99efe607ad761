// Holds another program's file among its constants, and tells a sum of all its bytes. Knows nothing of
// what they mean.
#include <stdio.h>

__asm__(".section .rodata\n.balign 32\nheld: .incbin \"" HELD "\"\nheld_end:\n.text");
extern const unsigned char held[], held_end[];

int main(void) {
    unsigned long sum = 1469598103934665603UL;
    for (const unsigned char *at = held; at < held_end; at++) sum = (sum ^ *at) * 1099511628211UL;
    printf("%lx\n", sum);
    return 0;
}
