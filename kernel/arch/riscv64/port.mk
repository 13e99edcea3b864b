# What the build must know about this port.
PORT_PREFIXES	:= riscv64-linux-gnu- riscv64-unknown-linux-gnu- riscv64-unknown-elf- riscv64-elf-
PORT_TARGET	:= riscv64-linux-gnu
PORT_HOST	:= riscv64

# Compilers before gcc 12 and clang 17 count the csr and fence.i
# instructions as part of the base set and reject the names.
port_march	:= $(call cc-takes,-march=rv64imac_zicsr_zifencei -mabi=lp64,-march=rv64imac_zicsr_zifencei,-march=rv64imac)
PORT_CFLAGS	:= $(port_march) -mabi=lp64 -mcmodel=medany
PORT_LDFLAGS	:= -m elf64lriscv
QEMU		:= qemu-system-riscv64
