// v86.mjs MODULE KERNEL IMAGE PARAMETERS: boots in the emulator v86, without a BIOS; what the
// serial port says goes to stdout. Ends when the kernel has halted.
import fs from "fs";
import { pathToFileURL } from "url";

const [module, kernel, image, cmdline] = process.argv.slice(2);
const { V86 } = await import(pathToFileURL(module + "/build/libv86.mjs"));
const buffer = (path) => new Uint8Array(fs.readFileSync(path)).buffer;

const emulator = new V86({
	wasm_path: module + "/build/v86.wasm",
	memory_size: 64 << 20,
	multiboot: { buffer: buffer(kernel) },
	initrd: { buffer: buffer(image) },
	cmdline,
	autostart: true,
});
let last = "";

emulator.add_listener("serial0-output-byte", (byte) => {
	process.stdout.write(Buffer.from([byte]));
	last = (last + String.fromCharCode(byte)).slice(-8);
	if (last.includes("halted\n"))
		process.exit(0);
});
