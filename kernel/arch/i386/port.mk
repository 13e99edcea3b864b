# What the build must know about this port.
PORT_PREFIXES	:= i686-linux-gnu- i386-linux-gnu- i686-elf- i386-elf- i686-pc-linux-gnu-
PORT_TARGET	:= i686-linux-gnu
PORT_HOST	:= x86_64

# No floating-point registers in the kernel: they are the user's. Functions, those of assembly
# too, get their first three arguments in eax, edx and ecx.
PORT_CFLAGS	:= -m32 -march=i686 -mtune=generic -mregparm=3 -msoft-float -mno-80387 -mno-mmx -mno-sse \
		   -fno-asynchronous-unwind-tables \
		   $(call cc-takes,-fcf-protection=none,-fcf-protection=none,) \
		   $(call cc-takes,-mpreferred-stack-boundary=2,-mpreferred-stack-boundary=2,)
PORT_LDFLAGS	:= -m elf_i386 -z noexecstack
QEMU		:= qemu-system-i386
