package install

import (
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

var (
	elfMachines = map[elf.Machine]string{
		elf.EM_X86_64: "amd64", elf.EM_AARCH64: "arm64", elf.EM_386: "386", elf.EM_ARM: "arm", elf.EM_RISCV: "riscv64",
		elf.EM_PPC64: "ppc64le", elf.EM_S390: "s390x", elf.EM_LOONGARCH: "loong64",
	}
	machoCPUs = map[macho.Cpu]string{macho.CpuAmd64: "amd64", macho.CpuArm64: "arm64"}
	// elfSystems are those that start ELF files and build for themselves.
	elfSystems = []string{"linux", "freebsd", "netbsd", "openbsd", "dragonfly", "solaris", "illumos"}
)

// CheckExecutable tells in a sentence why the file at path cannot be started on
// this machine, as far as its first bytes tell; nil when nothing speaks against it.
func CheckExecutable(path string) error {
	head, err := headOf(path)
	if err != nil {
		return err
	}
	switch {
	case strings.HasPrefix(head, "#!"):
		return nil
	case strings.HasPrefix(head, "\x7fELF"):
		return checkELF(path)
	case strings.HasPrefix(head, "MZ"):
		if _, err := pe.Open(path); err == nil && runtime.GOOS == "windows" {
			return nil
		}
		return wrongMachine("windows", "")
	case strings.HasPrefix(head, "\xcf\xfa\xed\xfe"):
		return checkMachO(path)
	case strings.HasPrefix(head, "\xca\xfe\xba\xbe"): // several machines in one file
		if runtime.GOOS == "darwin" {
			return nil
		}
		return wrongMachine("darwin", "")
	}
	return fmt.Errorf("it is no program at all, neither an executable for %s/%s nor a script, which begins with #! and its interpreter", runtime.GOOS, runtime.GOARCH)
}

func checkELF(path string) error {
	f, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("it is a damaged program: %w", err)
	}
	defer f.Close()
	arch := elfMachines[f.Machine]
	if !slices.Contains(elfSystems, runtime.GOOS) {
		return wrongMachine("linux", arch)
	}
	if arch != runtime.GOARCH {
		return wrongMachine(runtime.GOOS, arch)
	}
	return nil
}

func checkMachO(path string) error {
	f, err := macho.Open(path)
	if err != nil {
		return fmt.Errorf("it is a damaged program: %w", err)
	}
	defer f.Close()
	if arch := machoCPUs[f.Cpu]; runtime.GOOS != "darwin" || arch != runtime.GOARCH {
		return wrongMachine("darwin", arch)
	}
	return nil
}

func wrongMachine(system, arch string) error {
	if arch == "" {
		arch = "another machine"
	}
	return fmt.Errorf("it is built for %s/%s: get the one for %s/%s", system, arch, runtime.GOOS, runtime.GOARCH)
}
