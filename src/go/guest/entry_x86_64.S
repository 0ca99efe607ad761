// The two ways in. As the first instructions of a process, on its first stack, where the launcher
// has turned it aside; and as a function that the preloaded library calls before main. Both lead to
// the same beginning on a stack of ours.

        .text
        // rsp: where the kernel put the arguments. rdi to r9: what the launcher says (start.hpp);
        // all zero if nobody did.
        .globl  lastcall_go_entry
        .hidden lastcall_go_entry
        .type   lastcall_go_entry, @function
lastcall_go_entry:
        mov     %rsp, %rbx
        and     $-16, %rsp
        push    %r9
        push    %r8
        push    %rcx
        push    %rdx
        push    %rsi
        push    %rdi
        mov     %rsp, %r12              // a Launch
        call    lastcall_go_relocate
        mov     %r12, %rdi
        call    lastcall_go_see_off
        mov     %rbx, %rdi
        call    lastcall_go_way_on
        mov     %rax, %r13
        call    lastcall_go_prepare
        test    %rax, %rax
        jz      1f
        mov     %rax, %r14
        mov     %rax, %rsp
        mov     %rbx, %rdi
        mov     %r12, %rsi
        call    lastcall_go_start
        mov     %r12, %rsp
        mov     %eax, %edi
        mov     %r14, %rsi
        call    lastcall_go_settle
        // As the kernel hands a process over.
1:      mov     %rbx, %rsp
        mov     %r13, %r11
        xor     %eax, %eax
        xor     %ecx, %ecx
        xor     %edx, %edx
        xor     %ebx, %ebx
        xor     %esi, %esi
        xor     %edi, %edi
        xor     %ebp, %ebp
        xor     %r8d, %r8d
        xor     %r9d, %r9d
        xor     %r10d, %r10d
        xor     %r12d, %r12d
        xor     %r13d, %r13d
        xor     %r14d, %r14d
        xor     %r15d, %r15d
        pxor    %xmm0, %xmm0
        pxor    %xmm1, %xmm1
        pxor    %xmm2, %xmm2
        pxor    %xmm3, %xmm3
        pxor    %xmm4, %xmm4
        pxor    %xmm5, %xmm5
        pxor    %xmm6, %xmm6
        pxor    %xmm7, %xmm7
        pxor    %xmm8, %xmm8
        pxor    %xmm9, %xmm9
        pxor    %xmm10, %xmm10
        pxor    %xmm11, %xmm11
        pxor    %xmm12, %xmm12
        pxor    %xmm13, %xmm13
        pxor    %xmm14, %xmm14
        pxor    %xmm15, %xmm15
        jmp     *%r11
        .size   lastcall_go_entry, . - lastcall_go_entry

        // rdi: the environment; rsi: an auxiliary vector.
        .globl  lastcall_go
        .type   lastcall_go, @function
lastcall_go:
        push    %rbx
        push    %r12
        push    %r13
        mov     %rdi, %r12
        mov     %rsi, %r13
        call    lastcall_go_prepare
        test    %rax, %rax
        jz      1f
        mov     %rax, %rbx
        mov     %r12, %rdi
        mov     %r13, %rsi
        mov     %rsp, %r12
        mov     %rbx, %rsp
        call    lastcall_go_loaded
        mov     %r12, %rsp
        mov     %eax, %r12d
        mov     %eax, %edi
        mov     %rbx, %rsi
        call    lastcall_go_settle
        mov     %r12d, %eax
1:      pop     %r13
        pop     %r12
        pop     %rbx
        ret
        .size   lastcall_go, . - lastcall_go

        .section .note.GNU-stack, "", @progbits
