# How programs for this port are compiled and linked.
USER_PORT_CFLAGS	:= -march=rv64gc -mabi=lp64d -mcmodel=medlow
USER_PORT_LDFLAGS	:= -m elf64lriscv
