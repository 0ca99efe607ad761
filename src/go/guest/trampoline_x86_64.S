// From Go's system call instruction to the guest and back. Gives back every register as the
// instruction would: only rax, rcx and r11 change. Nothing is written on the caller's stack, and
// neither fs, gs nor r14 (Go's g) is looked at.
//
// Comes from a stub (stubs.cpp), with the system call's registers and, in r11, the stub's own
// instruction `syscall`, behind which the call goes on. rcx is free: the kernel would destroy it.

        .set    taken, 0                // of a LentStack
        .set    callers_stack, 8
        .set    stack_size, 65536
        .set    syscall_size, 2

        .set    not_ours, 0             // kinds of numbers: filter.cpp
        .set    by_descriptor, 1
        .set    by_command, 2

        .set    duplicate, 0            // F_DUPFD, F_DUPFD_CLOEXEC
        .set    duplicate_cloexec, 1030

        .text
        .globl  lastcall_go_trampoline
        .hidden lastcall_go_trampoline
        .type   lastcall_go_trampoline, @function
lastcall_go_trampoline:
        cmp     $512, %rax
        jae     plain
        lea     lastcall_go_kinds(%rip), %rcx
        movzbl  (%rcx,%rax), %ecx
        jrcxz   plain
        cmp     $by_command, %ecx
        ja      ours
        je      command
        // A descriptor without a connection is nobody's business here. Those above the table's
        // first chunk, which are rare, are looked up by the guest. (lastcall::table::chunks)
        cmp     $65536, %rdi
        jae     ours
        mov     _ZN8lastcall5table6chunksE(%rip), %rcx
        jrcxz   plain
        cmpq    $0, (%rcx,%rdi,8)
        jne     ours
plain:  jmp     *%r11

        // Of fcntl's only these make a descriptor; others may wait for long, for a lock.
command:
        test    %esi, %esi
        jz      ours
        cmp     $duplicate_cloexec, %esi
        jne     plain

        // A stack that is free: first where this goroutine's would be, so that threads seldom meet,
        // then any.
ours:   mov     %rsp, %rcx
        shr     $11, %rcx
        imul    $0x9e3779b1, %ecx, %ecx
        shr     $24, %ecx
        and     lastcall_go_homes(%rip), %ecx
        shl     $16, %rcx
        add     lastcall_go_first_stack(%rip), %rcx
1:      lock btsl $0, taken(%rcx)
        jnc     lent
        add     $stack_size, %rcx
        cmp     lastcall_go_last_stack(%rip), %rcx
        jbe     1b
        mov     lastcall_go_first_stack(%rip), %rcx
2:      lock btsl $0, taken(%rcx)
        jnc     lent
        add     $stack_size, %rcx
        cmp     lastcall_go_last_stack(%rip), %rcx
        jbe     2b
        jmp     *%r11

lent:   mov     %rsp, callers_stack(%rcx)
        mov     %rcx, %rsp
        push    %r11
        push    %r9                     // a SystemCall, from here to its number
        push    %r8
        push    %r10
        push    %rdx
        push    %rsi
        push    %rdi
        push    %rax
        mov     %rsp, %rdi
        sub     $256, %rsp
        movaps  %xmm0, 0(%rsp)
        movaps  %xmm1, 16(%rsp)
        movaps  %xmm2, 32(%rsp)
        movaps  %xmm3, 48(%rsp)
        movaps  %xmm4, 64(%rsp)
        movaps  %xmm5, 80(%rsp)
        movaps  %xmm6, 96(%rsp)
        movaps  %xmm7, 112(%rsp)
        movaps  %xmm8, 128(%rsp)
        movaps  %xmm9, 144(%rsp)
        movaps  %xmm10, 160(%rsp)
        movaps  %xmm11, 176(%rsp)
        movaps  %xmm12, 192(%rsp)
        movaps  %xmm13, 208(%rsp)
        movaps  %xmm14, 224(%rsp)
        movaps  %xmm15, 240(%rsp)
        call    lastcall_go_call
        movaps  0(%rsp), %xmm0
        movaps  16(%rsp), %xmm1
        movaps  32(%rsp), %xmm2
        movaps  48(%rsp), %xmm3
        movaps  64(%rsp), %xmm4
        movaps  80(%rsp), %xmm5
        movaps  96(%rsp), %xmm6
        movaps  112(%rsp), %xmm7
        movaps  128(%rsp), %xmm8
        movaps  144(%rsp), %xmm9
        movaps  160(%rsp), %xmm10
        movaps  176(%rsp), %xmm11
        movaps  192(%rsp), %xmm12
        movaps  208(%rsp), %xmm13
        movaps  224(%rsp), %xmm14
        movaps  240(%rsp), %xmm15
        add     $256 + 8, %rsp          // and the number
        pop     %rdi
        pop     %rsi
        pop     %rdx
        pop     %r10
        pop     %r8
        pop     %r9
        pop     %r11
        mov     %rsp, %rcx
        mov     callers_stack(%rcx), %rsp
        movl    $0, taken(%rcx)
        add     $syscall_size, %r11
        jmp     *%r11
        .size   lastcall_go_trampoline, . - lastcall_go_trampoline

        .section .note.GNU-stack, "", @progbits
