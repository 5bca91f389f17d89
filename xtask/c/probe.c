/*
 * Says all that a process can know of itself and that could get lost on the way to it: a line for each attribute, into the file that the
 * argument report=FILE names. Arguments pid=N and ppid=N are the numbers that it should have. Linux.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;

/* Printed at the end: opening the report takes a descriptor, which must not be seen. */
static char report[1 << 20];
static size_t length;

static void add(const char *format, ...) __attribute__((format(printf, 1, 2)));
#include <stdarg.h>
static void add(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	length += vsnprintf(report + length, sizeof report - length, format, arguments);
	va_end(arguments);
	if (length >= sizeof report)
		abort();
}

/* Bytes, so that every one of them is seen; long texts by length and sum. */
static void add_bytes(const char *key, const char *bytes)
{
	size_t count = strlen(bytes), at;
	unsigned sum = 0;

	add("%s ", key);
	if (count > 2000) {
		for (at = 0; at < count; at++)
			sum = sum * 31 + (unsigned char)bytes[at];
		add("%zu bytes, sum %08x\n", count, sum);
		return;
	}
	for (at = 0; at < count; at++) {
		unsigned char byte = bytes[at];
		if (byte >= ' ' && byte < 127 && byte != '\\')
			add("%c", byte);
		else
			add("\\x%02x", byte);
	}
	add("\n");
}

static void add_link(const char *key, const char *path)
{
	char target[4096];
	ssize_t count = readlink(path, target, sizeof target - 1);

	if (count < 0)
		count = snprintf(target, sizeof target, "errno %d", errno);
	target[count] = 0;
	add_bytes(key, target);
}

/* The lines of a file of /proc that begin with one of the words; all where there are none. */
static void add_file(const char *key, const char *path, const char *const *words)
{
	char line[4096];
	FILE *file = fopen(path, "r");

	if (!file) {
		add("%s errno %d\n", key, errno);
		return;
	}
	while (fgets(line, sizeof line, file)) {
		const char *const *word = words;
		while (word && *word && strncmp(line, *word, strlen(*word)))
			word++;
		if (!word || *word)
			add("%s %s", key, line);
	}
	fclose(file);
}

static void descriptors(void)
{
	int fd;

	for (fd = 0; fd < 1024; fd++) {
		struct stat st;
		int flags = fcntl(fd, F_GETFL);

		if (flags < 0 || fstat(fd, &st) != 0)
			continue;
		add("fd %d: mode %o flags %o cloexec %d offset %lld\n", fd, st.st_mode & S_IFMT, flags,
		    fcntl(fd, F_GETFD), S_ISREG(st.st_mode) ? (long long)lseek(fd, 0, SEEK_CUR) : -1);
	}
}

static void signals(void)
{
	sigset_t blocked, pending;
	stack_t stack;
	int number;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	sigpending(&pending);
	for (number = 1; number <= 64; number++) {
		struct sigaction action;

		if (sigaction(number, NULL, &action) != 0)
			continue;
		add("signal %d: %s%s%s\n", number, action.sa_handler == SIG_IGN ? "ignored" : action.sa_handler == SIG_DFL ? "default" : "caught",
		    sigismember(&blocked, number) ? " blocked" : "", sigismember(&pending, number) ? " pending" : "");
	}
	sigaltstack(NULL, &stack);
	add("signal stack: flags %d\n", stack.ss_flags);
}

static void family(pid_t pid, pid_t ppid)
{
	int terminal;

	add("process: %s\n", getpid() == pid ? "the one that was started" : "another one");
	add("parent: %s\n", getppid() == ppid ? "the one that started it" : "another one");
	add("process group: %s\n", getpgrp() == getpid() ? "own" : getpgrp() == getpgid(ppid) ? "the parent's" : "another");
	add("session: %s\n", getsid(0) == getpid() ? "own" : getsid(0) == getsid(ppid) ? "the parent's" : "another");
	terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal < 0) {
		add("terminal: errno %d\n", errno);
	} else {
		struct termios modes;
		add("terminal: %s\n", tcgetpgrp(terminal) == getpgrp() ? "foreground" : "background");
		tcgetattr(terminal, &modes);
		add("terminal modes: %x %x %x %x\n", modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag);
		close(terminal);
	}
	errno = 0;
	waitpid(-1, NULL, WNOHANG);
	add("children: %s\n", errno == ECHILD ? "none" : "some");
}

static void limits(void)
{
	struct itimerval timer;
	struct sched_param priority;
	cpu_set_t processors;
	int which;

	for (which = 0; which < (int)RLIM_NLIMITS; which++) {
		struct rlimit limit;
		getrlimit(which, &limit);
		add("limit %d: %llx %llx\n", which, (unsigned long long)limit.rlim_cur, (unsigned long long)limit.rlim_max);
	}
	add("nice: %d\n", getpriority(PRIO_PROCESS, 0));
	sched_getparam(0, &priority);
	add("scheduler: %d priority %d\n", sched_getscheduler(0), priority.sched_priority);
	sched_getaffinity(0, sizeof processors, &processors);
	for (which = 0; which < CPU_SETSIZE; which++)
		if (CPU_ISSET(which, &processors))
			add("processor: %d\n", which);
	add("io priority: %ld\n", syscall(SYS_ioprio_get, 1, 0));
	for (which = 0; which < 3; which++) {
		getitimer(which, &timer);
		add("timer %d: %s\n", which, timer.it_value.tv_sec || timer.it_value.tv_usec ? "running" : "off");
	}
}

static void identity(void)
{
	static const char *const words[] = {"Uid", "Gid", "Groups", "Cap", "NoNewPrivs", "Seccomp", "Threads", "VmLck", "THP_enabled", NULL};
	static const char *const spaces[] = {"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};
	int value;
	size_t at;

	/* Ids, groups, capabilities, seccomp, threads. */
	add_file("status", "/proc/self/status", words);
	for (at = 0; at < sizeof spaces / sizeof *spaces; at++) {
		char path[64];
		snprintf(path, sizeof path, "/proc/self/ns/%s", spaces[at]);
		add_link("namespace", path);
	}
	add_file("cgroup", "/proc/self/cgroup", NULL);
	add_file("oom_score_adj", "/proc/self/oom_score_adj", NULL);
	add_file("coredump_filter", "/proc/self/coredump_filter", NULL);
	add_file("comm", "/proc/self/comm", NULL);
	add_link("exe", "/proc/self/exe");
	add_link("root", "/proc/self/root");
	add_bytes("auxv program", (const char *)getauxval(AT_EXECFN));
	add("auxv secure: %lu\n", getauxval(AT_SECURE));
	add("personality: %x\n", personality(0xffffffff));
	add("dumpable: %d\n", prctl(PR_GET_DUMPABLE));
	add("keep capabilities: %d\n", prctl(PR_GET_KEEPCAPS));
	add("secure bits: %d\n", prctl(PR_GET_SECUREBITS));
	add("timer slack: %d\n", prctl(PR_GET_TIMERSLACK));
	value = -1;
	prctl(PR_GET_PDEATHSIG, &value);
	add("signal at the parent's death: %d\n", value);
	value = -1;
	prctl(PR_GET_CHILD_SUBREAPER, &value);
	add("subreaper: %d\n", value);
	add("huge pages off: %d\n", prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
}

int main(int argc, char **argv)
{
	const char *file = NULL;
	pid_t pid = 0, ppid = 0;
	char dir[4096];
	mode_t mask;
	int at, fd;

	descriptors();
	for (at = 0; at < argc; at++) {
		if (!strncmp(argv[at], "report=", 7))
			file = argv[at] + 7;
		else if (!strncmp(argv[at], "pid=", 4))
			pid = atoi(argv[at] + 4);
		else if (!strncmp(argv[at], "ppid=", 5))
			ppid = atoi(argv[at] + 5);
		else
			add_bytes("argument", argv[at]);
	}
	for (at = 0; environ[at]; at++)
		add_bytes("env", environ[at]);
	signals();
	family(pid, ppid);
	limits();
	identity();
	if (getcwd(dir, sizeof dir))
		add_bytes("directory", dir);
	else
		add("directory errno %d\n", errno);
	mask = umask(0);
	add("umask: %o\n", mask);
	fd = file ? open(file, O_WRONLY | O_TRUNC) : -1;
	return fd >= 0 && write(fd, report, length) == (ssize_t)length ? 0 : 1;
}
