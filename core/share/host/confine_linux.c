// How a plugin is shut in. See confine_linux.go.
//
// This runs before the Go runtime begins, because a Landlock domain is of a thread
// and a Go program has several before its first line. It must be the child that does
// it, not the passport's thread that starts the child: a thread in the same domain
// as a plugin could be ended and traced by the plugin.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_add_rule
#define SYS_landlock_add_rule 445
#endif
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

enum {
	rules = 3,  // the ruleset, made by the passport
	report = 4, // where an error is told; its end without a word means success
	max_args = 64 << 10,
	read_file = 1 << 2, // LANDLOCK_ACCESS_FS_READ_FILE
	read_dir = 1 << 3,  // LANDLOCK_ACCESS_FS_READ_DIR
};

static void fail(int32_t step) {
	int32_t words[2] = {step, errno};
	ssize_t n = write(report, words, sizeof words);
	_exit(n < 0 ? 126 : 127);
}

// give_up_rights takes away what a passport that runs as root, or with a capability
// of its own, would pass on.
static void give_up_rights(void) {
	for (int c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
		prctl(PR_CAPBSET_DROP, c, 0, 0, 0); // only a privileged process can, only it has to
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2];
	memset(none, 0, sizeof none);
	if (syscall(SYS_capset, &head, none) != 0)
		fail(1);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		fail(2);
}

// allow_own_proc adds this process's own folder of /proc to the rules.
static void allow_own_proc(void) {
	struct {
		uint64_t allowed;
		int32_t parent;
	} __attribute__((packed)) rule = {read_file | read_dir, open("/proc/self", O_PATH | O_CLOEXEC)};
	if (rule.parent < 0)
		return; // a system without it
	syscall(SYS_landlock_add_rule, rules, 1, &rule, 0);
	close(rule.parent);
}

// arguments gives the command line of this process; not every C library passes it here.
static char **arguments(void) {
	static char text[max_args];
	static char *list[max_args / 8];
	int f = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	size_t size = 0, n = 0;
	ssize_t got = 0;
	while (f >= 0 && size < sizeof text - 1 && (got = read(f, text + size, sizeof text - 1 - size)) > 0)
		size += got;
	if (f < 0 || got < 0)
		fail(3);
	close(f);
	for (char *p = text; p < text + size && n < sizeof list / sizeof *list - 1; p += strlen(p) + 1)
		list[n++] = p;
	return list;
}

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

#ifdef ARCH
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)

// only_tcp leaves the sockets that rules of Landlock know: TCP, and unix sockets.
// Others, such as UDP and so DNS, would be a way around the passport's proxy, and so
// would io_uring, whose sockets no filter sees. A process may still ask the system
// for its addresses (netlink, protocol 0).
static void only_tcp(void) {
	struct sock_filter filter[] = {
		LOAD(arch),
		EQUAL(ARCH, 0, 17),
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 15, 0), // x32
		EQUAL(425, 14, 0),                                      // io_uring_setup
		EQUAL(SYS_socket, 0, 12),
		LOAD(args[0]),
		EQUAL(AF_UNIX, 10, 0),
		EQUAL(AF_NETLINK, 7, 0),
		EQUAL(AF_INET, 1, 0),
		EQUAL(AF_INET6, 0, 8),
		LOAD(args[1]),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf), // without SOCK_CLOEXEC and SOCK_NONBLOCK
		EQUAL(SOCK_STREAM, 0, 5),
		LOAD(args[2]),
		EQUAL(6, 2, 0), // IPPROTO_TCP
		LOAD(args[2]),
		EQUAL(0, 0, 1),
		ANSWER(SECCOMP_RET_ALLOW),
		ANSWER(SECCOMP_RET_ERRNO | EACCES),
	};
	struct sock_fprog program = {sizeof filter / sizeof *filter, filter};
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0 && errno != EINVAL)
		fail(5);
}
#else
static void only_tcp(void) {}
#endif

// confine shuts this process in when the environment asks for it, and becomes the
// program that is named there, or goes on as what it is when none is. The name comes
// after a + where the passport's proxy is the only way out, else after a -.
__attribute__((constructor)) static void confine(void) {
	const char *asked = getenv("OSIER_CONFINED");
	if (!asked || (*asked != '+' && *asked != '-'))
		return;
	int proxied = *asked++ == '+';
	char *program = *asked ? strdup(asked) : 0;
	char **args = program ? arguments() : 0;
	unsetenv("OSIER_CONFINED");
	give_up_rights();
	allow_own_proc();
	if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		fail(4);
	close(rules);
	if (proxied)
		only_tcp();
	if (!program) {
		close(report);
		return;
	}
	fcntl(report, F_SETFD, FD_CLOEXEC);
	extern char **environ;
	execve(program, args, environ);
	fail(6);
}
