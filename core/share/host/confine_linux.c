// How a plugin is shut in. See confine_linux.go.
//
// This runs before the Go runtime begins, because a Landlock domain is of a thread
// and a Go program has several before its first line. It must be the child that does
// it, not the passport's thread that starts the child: a thread in the same domain
// as a plugin could be ended and traced by the plugin.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_landlock_add_rule
#define SYS_landlock_add_rule 445
#endif
#ifndef SYS_landlock_restrict_self
#define SYS_landlock_restrict_self 446
#endif

// The kernel's headers are a package of their own on some systems: what is needed of
// them stands here.
struct capability_header {
	uint32_t version;
	int pid;
};

struct capability_data {
	uint32_t effective, permitted, inheritable;
};

struct filter_step {
	uint16_t code;
	uint8_t yes, no;
	uint32_t value;
};

struct filter_program {
	unsigned short size;
	struct filter_step *steps;
};

enum {
	rules = 3,  // the ruleset, made by the passport
	report = 4, // a socket where an error is told; its end without one means success
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
	struct capability_header head = {0x20080522, 0}; // _LINUX_CAPABILITY_VERSION_3
	struct capability_data none[2];
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
#define ARCH 0xc000003e
#elif defined(__aarch64__)
#define ARCH 0xc00000b7
#endif

#ifdef ARCH
// Places in struct seccomp_data.
enum { nr = 0, arch = 4, arg0 = 16, arg1 = 24, arg2 = 32, arg3 = 40 };

enum { fast_open = 0x20000000 }; // MSG_FASTOPEN

#define LOAD(place) {0x20, 0, 0, place}           // BPF_LD | BPF_W | BPF_ABS
#define MASK(bits) {0x54, 0, 0, bits}             // BPF_ALU | BPF_AND | BPF_K
#define EQUAL(value, yes, no) {0x15, yes, no, value} // BPF_JMP | BPF_JEQ | BPF_K
#define FROM(value, yes, no) {0x35, yes, no, value}  // BPF_JMP | BPF_JGE | BPF_K
#define HAS(bits, yes, no) {0x45, yes, no, bits}     // BPF_JMP | BPF_JSET | BPF_K
#define ANSWER(value) {0x06, 0, 0, value}         // BPF_RET | BPF_K

enum {
	allowed = 0x7fff0000, // SECCOMP_RET_ALLOW
	asks = 0x7fc00000,    // SECCOMP_RET_USER_NOTIF
	refused = 0x00050000, // SECCOMP_RET_ERRNO, with the error
	new_listener = 1 << 3, // SECCOMP_FILTER_FLAG_NEW_LISTENER
};

static void filter(struct filter_step *steps, unsigned short size, int32_t step) {
	struct filter_program program = {size, steps};
	if (prctl(PR_SET_SECCOMP, 2, &program, 0, 0) != 0 && errno != EINVAL)
		fail(step);
}

// stay_in_group keeps whatever a plugin starts in the group of processes that is ended
// with it, and which no other call than these two leaves.
static void stay_in_group(void) {
	struct filter_step steps[] = {
		LOAD(arch),
		EQUAL(ARCH, 0, 5), // by the numbers of another system it could leave
		LOAD(nr),
		FROM(0x40000000, 3, 0), // x32
		EQUAL(SYS_setsid, 2, 0),
		EQUAL(SYS_setpgid, 1, 0),
		ANSWER(allowed),
		ANSWER(refused | EPERM),
	};
	filter(steps, sizeof steps / sizeof *steps, 7);
}

// only_tcp leaves the sockets that rules of Landlock know: TCP, and unix sockets.
// Others, such as UDP and so DNS, would be a way around the passport's proxy, and so
// would io_uring, whose sockets no filter sees. A process may still ask the system
// for its addresses (netlink, protocol 0).
static void only_tcp(void) {
	struct filter_step steps[] = {
		LOAD(arch),
		EQUAL(ARCH, 0, 24),
		LOAD(nr),
		FROM(0x40000000, 22, 0), // x32
		EQUAL(425, 21, 0),       // io_uring_setup
		EQUAL(SYS_sendto, 15, 0),
		EQUAL(SYS_sendmmsg, 14, 0),
		EQUAL(SYS_sendmsg, 15, 0),
		EQUAL(SYS_socket, 0, 16),
		LOAD(arg0),
		EQUAL(AF_UNIX, 14, 0),
		EQUAL(AF_NETLINK, 7, 0),
		EQUAL(AF_INET, 1, 0),
		EQUAL(AF_INET6, 0, 12),
		LOAD(arg1),
		MASK(0xf), // without SOCK_CLOEXEC and SOCK_NONBLOCK
		EQUAL(SOCK_STREAM, 0, 9),
		LOAD(arg2),
		EQUAL(6, 6, 0), // IPPROTO_TCP
		LOAD(arg2),
		EQUAL(0, 4, 5),
		LOAD(arg3), // sendto, sendmmsg
		HAS(fast_open, 3, 2),
		LOAD(arg2), // sendmsg
		HAS(fast_open, 1, 0),
		ANSWER(allowed),
		ANSWER(refused | EACCES),
	};
	filter(steps, sizeof steps / sizeof *steps, 5);
}

// asking installs a filter some of whose calls the passport answers, and gives the
// descriptor where it does so.
static int asking(struct filter_step *steps, unsigned short size) {
	struct filter_program program = {size, steps};
	return syscall(SYS_seccomp, 1, new_listener, &program); // SECCOMP_SET_MODE_FILTER
}

// hand_over gives the passport a descriptor, with a report of no step.
static void hand_over(int descriptor) {
	int32_t words[2] = {0, 0};
	struct iovec text = {words, sizeof words};
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof descriptor)];
	} beside;
	memset(&beside, 0, sizeof beside);
	beside.head.cmsg_len = CMSG_LEN(sizeof descriptor);
	beside.head.cmsg_level = SOL_SOCKET;
	beside.head.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&beside.head), &descriptor, sizeof descriptor);
	struct msghdr message;
	memset(&message, 0, sizeof message);
	message.msg_iov = &text;
	message.msg_iovlen = 1;
	message.msg_control = &beside;
	message.msg_controllen = sizeof beside;
	if (sendmsg(report, &message, 0) < 0)
		fail(9);
	close(descriptor); // or the plugin would answer itself
}

// mute_sockets has the passport make the unix sockets of this process, see
// sockets_linux.go: they can listen, and where they connect they say nothing.
// Datagrams, which need no connection, and io_uring, whose calls no filter sees, are
// not to be had. The two ends of a pair connect to nothing else. Nor does the process
// answer calls itself: of two filters that ask the later one counts, and who answers it
// can let the call go on.
static void mute_sockets(void) {
	struct filter_step steps[] = {
		LOAD(nr),
		EQUAL(425, 18, 0), // io_uring_setup
		EQUAL(SYS_seccomp, 13, 0),
		EQUAL(SYS_socketpair, 6, 0),
		EQUAL(SYS_socket, 0, 14),
		LOAD(arg0),
		EQUAL(AF_UNIX, 0, 12),
		LOAD(arg1),
		MASK(0xf), // without SOCK_CLOEXEC and SOCK_NONBLOCK
		EQUAL(SOCK_STREAM, 8, 10),
		LOAD(arg0), // socketpair
		EQUAL(AF_UNIX, 0, 7),
		LOAD(arg1),
		MASK(0xf),
		EQUAL(SOCK_STREAM, 4, 0),
		EQUAL(SOCK_SEQPACKET, 3, 4),
		LOAD(arg1), // seccomp
		HAS(new_listener, 2, 1),
		ANSWER(asks),
		ANSWER(allowed),
		ANSWER(refused | EACCES),
	};
	int descriptor = asking(steps, sizeof steps / sizeof *steps);
	if (descriptor < 0)
		fail(8);
	hand_over(descriptor);
}

// ask tries, on a thread that ends with it, whether a process can have its calls
// answered by another: what confines the passport itself may be in the way of that.
static void *ask(void *can) {
	struct filter_step steps[] = {ANSWER(allowed)};
	int descriptor = -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
		descriptor = asking(steps, 1);
	if (descriptor < 0)
		return 0;
	struct {
		uint64_t call;
		uint32_t flags, from, to, to_flags;
	} add = {0, 0, descriptor, 0, 0};
	// With no such call it is ENOENT; EINVAL where the kernel cannot hand over descriptors.
	*(int *)can = ioctl(descriptor, 0x40182103, &add) < 0 && errno == ENOENT; // SECCOMP_IOCTL_NOTIF_ADDFD
	close(descriptor);
	return 0;
}

int osier_can_ask(void) {
	int can = 0;
	pthread_t thread;
	if (pthread_create(&thread, 0, ask, &can) != 0)
		return 0;
	pthread_join(thread, 0);
	return can;
}
#else
static void stay_in_group(void) {}
static void only_tcp(void) {}
static void mute_sockets(void) {}
int osier_can_ask(void) { return 0; }
#endif

// confine shuts this process in when the environment asks for it, and becomes the
// program that is named there, or goes on as what it is when none is. Before the name
// are two signs: + where the passport's proxy is the only way out, + where the passport
// makes the unix sockets, else -.
__attribute__((constructor)) static void confine(void) {
	const char *asked = getenv("OSIER_CONFINED");
	if (!asked || (*asked != '+' && *asked != '-'))
		return;
	int proxied = *asked++ == '+', mute = *asked && *asked++ == '+';
	char *program = *asked ? strdup(asked) : 0;
	char **args = program ? arguments() : 0;
	unsetenv("OSIER_CONFINED");
	// What the passport was started with and does not know of, such as a lock of the
	// program that started it, is not passed on.
	syscall(SYS_close_range, report + 1, ~0U, 0);
	give_up_rights();
	allow_own_proc();
	if (syscall(SYS_landlock_restrict_self, rules, 0) != 0)
		fail(4);
	close(rules);
	stay_in_group();
	if (proxied)
		only_tcp();
	if (mute)
		mute_sockets();
	if (!program) {
		close(report);
		return;
	}
	fcntl(report, F_SETFD, FD_CLOEXEC);
	extern char **environ;
	execve(program, args, environ);
	fail(6);
}
