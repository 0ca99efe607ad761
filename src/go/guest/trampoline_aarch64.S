// From Go's system call instruction to the guest and back. Gives back every register as the
// instruction would, but for x16, x17 and x27: the linker and the assembler may use those between
// any two instructions of Go's, so nothing of Go's lies in them here. Nothing is written on the
// caller's stack. x28 (Go's g) is never touched, not even while it could be saved: a signal's
// handler looks for g there, wherever it finds the thread.
//
// Comes from a stub (stub_aarch64.hpp), with the system call's registers and, in x17, the stub's own
// instruction `svc`, behind which the call goes on.

        .set    callers_stack, 8        // of a LentStack, whose first word is `taken`
        .set    stack_size, 65536
        .set    svc_size, 4

        .set    by_command, 2           // a kind of number (call.cpp); 0: not ours, 1: by descriptor

        .set    duplicate_cloexec, 1030 // F_DUPFD_CLOEXEC; F_DUPFD is 0

        .macro  word_at register, name
        adrp    \register, \name
        ldr     \register, [\register, :lo12:\name]
        .endm

        .text
        .globl  lastcall_go_trampoline
        .hidden lastcall_go_trampoline
        .type   lastcall_go_trampoline, @function
lastcall_go_trampoline:
        cmp     x8, #512
        b.hs    plain
        adrp    x16, lastcall_go_kinds
        add     x16, x16, :lo12:lastcall_go_kinds
        ldrb    w16, [x16, x8]
        cbz     w16, plain
        cmp     w16, #by_command
        b.hi    ours
        b.eq    command
        // A descriptor without a connection is nobody's business here. Those above the table's
        // first chunk, which are rare, are looked up by the guest. (lastcall::table::chunks)
        lsr     x16, x0, #16
        cbnz    x16, ours
        word_at x16, _ZN8lastcall5table6chunksE
        cbz     x16, plain
        ldr     x16, [x16, x0, lsl #3]
        cbnz    x16, ours
plain:  br      x17

        // Of fcntl's only these make a descriptor; others may wait for long, for a lock.
command:
        cbz     w1, ours
        cmp     w1, #duplicate_cloexec
        b.ne    plain

        // A stack that is free: first where this goroutine's would be, so that threads seldom meet,
        // then any. The word that says it is taken is never 0: the low half of its own address.
ours:   mov     x16, sp
        lsr     x16, x16, #11
        mov     w27, #0x79b1
        movk    w27, #0x9e37, lsl #16
        mul     w16, w16, w27
        lsr     w16, w16, #24
        adrp    x27, lastcall_go_homes
        ldr     w27, [x27, :lo12:lastcall_go_homes]
        and     w16, w16, w27
        lsl     x16, x16, #16
        word_at x27, lastcall_go_first_stack
        add     x16, x16, x27
1:      ldaxr   w27, [x16]
        cbnz    w27, 2f
        stlxr   w27, w16, [x16]
        cbz     w27, lent
        b       1b
2:      add     x16, x16, #stack_size
        word_at x27, lastcall_go_last_stack
        cmp     x16, x27
        b.ls    1b
        word_at x16, lastcall_go_first_stack
3:      ldaxr   w27, [x16]
        cbnz    w27, 4f
        stlxr   w27, w16, [x16]
        cbz     w27, lent
        b       3b
4:      add     x16, x16, #stack_size
        word_at x27, lastcall_go_last_stack
        cmp     x16, x27
        b.ls    3b
        br      x17

        // x19 to x26 and x29 are kept by whoever is called, and so is x27 now, the LentStack.
lent:   mov     x27, sp
        str     x27, [x16, #callers_stack]
        mov     x27, x16
        mov     sp, x16
        sub     sp, sp, #128 + 512
        stp     x8, x0, [sp]            // a SystemCall, from here to x5
        stp     x1, x2, [sp, #16]
        stp     x3, x4, [sp, #32]
        stp     x5, x6, [sp, #48]
        stp     x7, x9, [sp, #64]
        stp     x10, x11, [sp, #80]
        stp     x12, x13, [sp, #96]
        stp     x14, x15, [sp, #112]
        stp     q0, q1, [sp, #128]
        stp     q2, q3, [sp, #160]
        stp     q4, q5, [sp, #192]
        stp     q6, q7, [sp, #224]
        stp     q8, q9, [sp, #256]
        stp     q10, q11, [sp, #288]
        stp     q12, q13, [sp, #320]
        stp     q14, q15, [sp, #352]
        stp     q16, q17, [sp, #384]
        stp     q18, q19, [sp, #416]
        stp     q20, q21, [sp, #448]
        stp     q22, q23, [sp, #480]
        stp     q24, q25, [sp, #512]
        stp     q26, q27, [sp, #544]
        stp     q28, q29, [sp, #576]
        stp     q30, q31, [sp, #608]
        mov     x0, sp
        stp     x17, x30, [sp, #-16]!
        bl      lastcall_go_call
        ldp     x17, x30, [sp], #16
        ldp     q0, q1, [sp, #128]
        ldp     q2, q3, [sp, #160]
        ldp     q4, q5, [sp, #192]
        ldp     q6, q7, [sp, #224]
        ldp     q8, q9, [sp, #256]
        ldp     q10, q11, [sp, #288]
        ldp     q12, q13, [sp, #320]
        ldp     q14, q15, [sp, #352]
        ldp     q16, q17, [sp, #384]
        ldp     q18, q19, [sp, #416]
        ldp     q20, q21, [sp, #448]
        ldp     q22, q23, [sp, #480]
        ldp     q24, q25, [sp, #512]
        ldp     q26, q27, [sp, #544]
        ldp     q28, q29, [sp, #576]
        ldp     q30, q31, [sp, #608]
        ldr     x8, [sp]
        ldp     x1, x2, [sp, #16]
        ldp     x3, x4, [sp, #32]
        ldp     x5, x6, [sp, #48]
        ldp     x7, x9, [sp, #64]
        ldp     x10, x11, [sp, #80]
        ldp     x12, x13, [sp, #96]
        ldp     x14, x15, [sp, #112]
        ldr     x16, [x27, #callers_stack]
        mov     sp, x16
        stlr    wzr, [x27]
        add     x17, x17, #svc_size
        br      x17
        .size   lastcall_go_trampoline, . - lastcall_go_trampoline

        .section .note.GNU-stack, "", @progbits
