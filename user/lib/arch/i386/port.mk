# How programs for this port are compiled and linked. Floating point by SSE2: the older
# registers round differently, and programs are to give the same results on all ports.
USER_PORT_CFLAGS	:= -m32 -march=i686 -mtune=generic -msse2 -mfpmath=sse \
	$(call cc-takes,-fcf-protection=none,-fcf-protection=none,)
USER_PORT_LDFLAGS	:= -m elf_i386
