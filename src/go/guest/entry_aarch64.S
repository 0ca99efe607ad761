// The two ways in. As the first instructions of a process, on its first stack, where the launcher
// has turned it aside; and as a function that the preloaded library calls before main. Both lead to
// the same beginning on a stack of ours. Neither x18 nor x28 is ever used: they are as they were.

        .text
        // sp: where the kernel put the arguments. x0 to x5: what the launcher says (start.hpp); all
        // zero if nobody did.
        .globl  lastcall_go_entry
        .hidden lastcall_go_entry
        .type   lastcall_go_entry, @function
lastcall_go_entry:
        mov     x19, sp
        stp     x4, x5, [sp, #-16]!
        stp     x2, x3, [sp, #-16]!
        stp     x0, x1, [sp, #-16]!
        mov     x20, sp                 // a Launch
        bl      lastcall_go_relocate
        mov     x0, x19
        bl      lastcall_go_way_on
        mov     x21, x0
        bl      lastcall_go_prepare
        cbz     x0, 1f
        mov     x22, x0
        mov     sp, x0
        mov     x0, x19
        mov     x1, x20
        bl      lastcall_go_start
        mov     sp, x20
        mov     x1, x22
        bl      lastcall_go_settle
        // As the kernel hands a process over.
1:      mov     sp, x19
        mov     x16, x21
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17
        mov     x\number, xzr
        .endr
        .irp    number, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30
        mov     x\number, xzr
        .endr
        .irp    number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movi    v\number\().2d, #0
        .endr
        .irp    number, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
        movi    v\number\().2d, #0
        .endr
        br      x16
        .size   lastcall_go_entry, . - lastcall_go_entry

        // x0: the environment; x1: an auxiliary vector.
        .globl  lastcall_go
        .type   lastcall_go, @function
lastcall_go:
        stp     x29, x30, [sp, #-48]!
        stp     x19, x20, [sp, #16]
        stp     x21, x22, [sp, #32]
        mov     x20, x0
        mov     x21, x1
        bl      lastcall_go_prepare
        cbz     x0, 1f
        mov     x19, x0
        mov     x0, x20
        mov     x1, x21
        mov     x22, sp
        mov     sp, x19
        bl      lastcall_go_loaded
        mov     sp, x22
        mov     w20, w0
        mov     x1, x19
        bl      lastcall_go_settle
        mov     w0, w20
1:      ldp     x19, x20, [sp, #16]
        ldp     x21, x22, [sp, #32]
        ldp     x29, x30, [sp], #48
        ret
        .size   lastcall_go, . - lastcall_go

        .section .note.GNU-stack, "", @progbits
