// func callAt(place uintptr, in, out *registers, stack *[below]byte)
//
// Goes to the instruction, in the middle of Go's Syscall6, with every register set, and comes back by
// that function's RET. The bytes watched are a copy of *stack under the stack pointer, within this
// frame; they are copied back for the caller to look at.

#include "textflag.h"

TEXT ·callAt(SB), 0, $2080-32
	// The bytes: 0(SP) to 1024(SP); the saved words above them, from 1032(SP).
	MOVQ	stack+24(FP), SI
	MOVQ	SP, DI
	MOVQ	$1024, CX
	CLD
	REP; MOVSB
	MOVQ	place+0(FP), AX
	MOVQ	AX, 1048(SP)
	MOVQ	out+16(FP), AX
	MOVQ	AX, 1056(SP)
	MOVQ	stack+24(FP), AX
	MOVQ	AX, 1064(SP)
	MOVQ	BP, 1072(SP)
	MOVQ	R14, 1080(SP)
	MOVQ	in+8(FP), R11
	// What lies under the pointer at the call are the bytes, and 8 for the way back.
	ADDQ	$1032, SP
	LEAQ	back<>(SB), AX
	MOVQ	AX, 0(SP)
	MOVOU	120(R11), X0
	MOVOU	136(R11), X1
	MOVOU	152(R11), X2
	MOVOU	168(R11), X3
	MOVOU	184(R11), X4
	MOVOU	200(R11), X5
	MOVOU	216(R11), X6
	MOVOU	232(R11), X7
	MOVOU	248(R11), X8
	MOVOU	264(R11), X9
	MOVOU	280(R11), X10
	MOVOU	296(R11), X11
	MOVOU	312(R11), X12
	MOVOU	328(R11), X13
	MOVOU	344(R11), X14
	MOVOU	360(R11), X15
	MOVQ	0(R11), AX
	MOVQ	8(R11), BX
	MOVQ	16(R11), CX
	MOVQ	24(R11), DX
	MOVQ	32(R11), SI
	MOVQ	40(R11), DI
	MOVQ	48(R11), BP
	MOVQ	56(R11), R8
	MOVQ	64(R11), R9
	MOVQ	72(R11), R10
	MOVQ	88(R11), R12
	MOVQ	96(R11), R13
	MOVQ	104(R11), R14
	MOVQ	112(R11), R15
	JMP	16(SP)

// Comes here with the stack pointer 8 above: at 8(SP) is the place, 16 out, 24 stack, 32 BP, 40 R14.
TEXT back<>(SB), NOSPLIT|NOFRAME, $0-0
	MOVQ	16(SP), R11
	MOVQ	AX, 0(R11)
	MOVQ	BX, 8(R11)
	MOVQ	CX, 16(R11)
	MOVQ	DX, 24(R11)
	MOVQ	SI, 32(R11)
	MOVQ	DI, 40(R11)
	MOVQ	BP, 48(R11)
	MOVQ	R8, 56(R11)
	MOVQ	R9, 64(R11)
	MOVQ	R10, 72(R11)
	MOVQ	$0, 80(R11)
	MOVQ	R12, 88(R11)
	MOVQ	R13, 96(R11)
	MOVQ	R14, 104(R11)
	MOVQ	R15, 112(R11)
	MOVOU	X0, 120(R11)
	MOVOU	X1, 136(R11)
	MOVOU	X2, 152(R11)
	MOVOU	X3, 168(R11)
	MOVOU	X4, 184(R11)
	MOVOU	X5, 200(R11)
	MOVOU	X6, 216(R11)
	MOVOU	X7, 232(R11)
	MOVOU	X8, 248(R11)
	MOVOU	X9, 264(R11)
	MOVOU	X10, 280(R11)
	MOVOU	X11, 296(R11)
	MOVOU	X12, 312(R11)
	MOVOU	X13, 328(R11)
	MOVOU	X14, 344(R11)
	MOVOU	X15, 360(R11)
	MOVQ	24(SP), DI
	MOVQ	32(SP), BP
	MOVQ	40(SP), R14
	XORPS	X15, X15
	// Back to the frame of callAt, and to the bytes at its bottom.
	SUBQ	$1040, SP
	MOVQ	SP, SI
	MOVQ	$1024, CX
	CLD
	REP; MOVSB
	JMP	leave<>(SB)

// The end of callAt: as its frame's prologue left it.
TEXT leave<>(SB), NOSPLIT|NOFRAME, $0-0
	ADDQ	$2080, SP
	MOVQ	0(SP), BP
	ADDQ	$8, SP
	RET
