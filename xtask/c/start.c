/*
 * start STATE PROGRAM ARGUMENTS...: brings itself into one of the states that a process can inherit, and becomes PROGRAM, with argv[0]
 * `go` and its own numbers as the further arguments pid=N and ppid=N.
 *
 * start --list prints the names of the states. Exit code 77: the state cannot be had here, for want of privileges. Linux.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *more[8];
static int more_count;

static void must(int is_done)
{
	if (is_done)
		return;
	if (errno == EPERM || errno == EACCES)
		_exit(77);
	perror("start");
	_exit(1);
}

static void limit(int which, rlim_t value)
{
	struct rlimit old;

	must(getrlimit(which, &old) == 0);
	old.rlim_cur = value;
	must(setrlimit(which, &old) == 0);
}

static void ignore(int number) { must(signal(number, SIG_IGN) != SIG_ERR); }

static void block(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	must(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
}

/* One more entry at the end of the environment, whatever is there already. */
static void add_env(const char *entry)
{
	int count = 0;
	char **bigger;

	while (environ[count])
		count++;
	bigger = calloc(count + 2, sizeof *bigger);
	memcpy(bigger, environ, count * sizeof *bigger);
	bigger[count] = strdup(entry);
	environ = bigger;
}

static char *filled(const char *start, size_t length)
{
	char *text = malloc(length + 1);

	memset(text, 'x', length);
	memcpy(text, start, strlen(start));
	text[length] = 0;
	return text;
}

/* A new session whose terminal is a new one; its number is that of its master. */
static int terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY), slave;

	/* Only a process that leads no group can start a session; who started us may have made us one. */
	if (setsid() < 0) {
		pid_t child = fork();
		int status;
		must(child >= 0);
		if (child) {
			waitpid(child, &status, 0);
			_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
		}
		must(setsid() >= 0);
	}
	must(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
	slave = open(ptsname(master), O_RDWR);
	must(slave >= 0 && ioctl(slave, TIOCSCTTY, 0) == 0);
	return slave;
}

static void plain(void) {}
static void umask_all(void) { umask(0777); }
static void umask_none(void) { umask(0); }
static void few_files(void) { limit(RLIMIT_NOFILE, 8); }
static void many_files(void) { limit(RLIMIT_NOFILE, 1024); }
static void no_core(void) { limit(RLIMIT_CORE, 0); }
static void small_stack(void) { limit(RLIMIT_STACK, 256 << 10); }
static void file_size(void) { limit(RLIMIT_FSIZE, 1 << 20); }
static void cpu_seconds(void) { limit(RLIMIT_CPU, 60); }
static void address_space(void) { limit(RLIMIT_AS, 64 << 20); }
static void data_size(void) { limit(RLIMIT_DATA, 32 << 20); }
static void pipe_ignored(void) { ignore(SIGPIPE); }
static void child_ignored(void) { ignore(SIGCHLD); }
static void hangup_ignored(void) { ignore(SIGHUP); }
static void keys_ignored(void) { ignore(SIGINT); ignore(SIGQUIT); ignore(SIGTSTP); }
static void term_blocked(void) { block(SIGTERM); }
static void realtime_blocked(void) { block(SIGRTMIN + 3); }
static void all_blocked(void)
{
	sigset_t all;

	sigfillset(&all);
	must(sigprocmask(SIG_SETMASK, &all, NULL) == 0);
}
static void one_pending(void) { block(SIGUSR1); raise(SIGUSR1); }
static void no_stdin(void) { close(0); }
static void no_stdout(void) { close(1); }
static void no_stderr(void) { close(2); }
static void no_standard_streams(void) { close(0); close(1); close(2); }
static void jobserver(void)
{
	int ends[2];

	must(pipe(ends) == 0);
	add_env("MAKEFLAGS= -j8 --jobserver-auth=3,4");
	must(write(ends[1], "++++", 4) == 4);
}
static void high_descriptor(void) { must(dup2(2, 200) == 200); }
static void closing_descriptor(void) { must(fcntl(2, F_DUPFD_CLOEXEC, 30) >= 0); }
static void stdin_nonblocking(void)
{
	int ends[2];

	must(pipe2(ends, O_NONBLOCK) == 0 && dup2(ends[0], 0) == 0);
	close(ends[0]);
}
static void stdin_half_read(void)
{
	int fd = open("/etc/passwd", O_RDONLY);

	must(fd >= 0 && lseek(fd, 7, SEEK_SET) == 7 && dup2(fd, 0) == 0);
	close(fd);
}
static void own_group(void) { must(setpgid(0, 0) == 0); }
static void own_session(void) { if (setsid() < 0) must(errno == EPERM); }
static void foreground(void) { close(terminal()); }
static void background(void)
{
	int slave = terminal();
	pid_t other = fork();

	must(other >= 0);
	if (!other) {
		setpgid(0, 0);
		pause();
		_exit(0);
	}
	must(setpgid(other, other) == 0);
	must(tcsetpgrp(slave, other) == 0);
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(slave);
}
static void nicer(void)
{
	/* Any result may be a niceness. */
	errno = 0;
	nice(5);
	must(errno == 0);
}
static void batch(void)
{
	struct sched_param none = {0};

	must(sched_setscheduler(0, SCHED_BATCH, &none) == 0);
}
static void one_processor(void)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(0, &set);
	must(sched_setaffinity(0, sizeof set, &set) == 0);
}
static void oom(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	must(fd >= 0 && write(fd, "500", 3) == 3);
	close(fd);
}
static void io_idle(void) { must(syscall(SYS_ioprio_set, 1, 0, 3 << 13) == 0); }
static void no_new_privileges(void) { must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0); }
static void dies_with_parent(void) { must(prctl(PR_SET_PDEATHSIG, SIGTERM) == 0); }
static void subreaper(void) { must(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0); }
static void slack(void) { must(prctl(PR_SET_TIMERSLACK, 123456) == 0); }
static void no_huge_pages(void) { must(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0); }
static void fixed_addresses(void) { must(personality(ADDR_NO_RANDOMIZE) >= 0); }
static void alarmed(void) { alarm(1000); }
static void virtual_timer(void)
{
	struct itimerval timer = {{0, 0}, {1000, 0}};

	must(setitimer(ITIMER_VIRTUAL, &timer, NULL) == 0);
}
static void groups(void)
{
	gid_t ids[] = {3, 5, 7};

	must(setgroups(3, ids) == 0);
}
static void another_user(void)
{
	must(setgroups(0, NULL) == 0);
	must(setresgid(65534, 65534, 65534) == 0);
	must(setresuid(65534, 65534, 65534) == 0);
}
static void effective_group(void) { must(setresgid(-1, 65534, -1) == 0); }
static void bounded(void) { must(prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0) == 0); }
static void secure_bits(void) { must(prctl(PR_SET_SECUREBITS, 1 << 2, 0, 0, 0) == 0); }
static void deleted_directory(void)
{
	char dir[] = "/tmp/start-XXXXXX";

	must(mkdtemp(dir) != NULL && chdir(dir) == 0 && rmdir(dir) == 0);
}
static void env_duplicates(void) { add_env("TWICE=1"); add_env("Z=z"); add_env("TWICE=2"); add_env("A=a"); add_env("TWICE="); }
static void env_not_text(void) { add_env("BYTES=\xff\xfe\n\x1b[31m"); add_env("\xff=1"); }
static void env_no_equals(void) { add_env("NOTHING"); add_env("=C:=x"); add_env(""); }
static void env_long(void) { add_env(filled("LONG=", 100000)); }
static void env_many(void)
{
	int at;

	for (at = 0; at < 1000; at++) {
		char entry[32];
		snprintf(entry, sizeof entry, "MANY_%d=%d", at, at);
		add_env(entry);
	}
}
static void stale_goroot(void) { add_env("GOROOT=/stale"); add_env("AFTER=1"); }
static void goroot_twice(void) { add_env("GOROOT=/stale"); add_env("B=1"); add_env("GOROOT=/staler"); }
static void empty_goroot(void) { add_env("GOROOT="); }
static void no_home(void) { unsetenv("HOME"); }
static void only_goshim_home(void)
{
	static char *only[2];
	int at;

	for (at = 0; environ[at]; at++)
		if (!strncmp(environ[at], "GOSHIM_HOME=", 12))
			only[0] = environ[at];
	environ = only;
}
static void arguments_long(void) { more[more_count++] = filled("-ldflags=", 100000); }
static void arguments_not_text(void) { more[more_count++] = "\xff\xfe"; more[more_count++] = "a\nb\x1b"; more[more_count++] = "-"; }
static void arguments_empty(void) { more[more_count++] = ""; more[more_count++] = ""; }

static const struct {
	const char *name;
	void (*enter)(void);
} states[] = {
#define STATE(name) {#name, name}
	STATE(plain), STATE(umask_all), STATE(umask_none), STATE(few_files), STATE(many_files), STATE(no_core), STATE(small_stack),
	STATE(file_size), STATE(cpu_seconds), STATE(address_space), STATE(data_size), STATE(pipe_ignored), STATE(child_ignored),
	STATE(hangup_ignored), STATE(keys_ignored), STATE(term_blocked), STATE(realtime_blocked), STATE(all_blocked), STATE(one_pending),
	STATE(no_stdin), STATE(no_stdout), STATE(no_stderr), STATE(no_standard_streams), STATE(jobserver), STATE(high_descriptor),
	STATE(closing_descriptor), STATE(stdin_nonblocking), STATE(stdin_half_read), STATE(own_group), STATE(own_session),
	STATE(foreground), STATE(background), STATE(nicer), STATE(batch), STATE(one_processor), STATE(oom), STATE(io_idle),
	STATE(no_new_privileges), STATE(dies_with_parent), STATE(subreaper), STATE(slack), STATE(no_huge_pages), STATE(fixed_addresses),
	STATE(alarmed), STATE(virtual_timer), STATE(groups), STATE(another_user), STATE(effective_group), STATE(bounded),
	STATE(secure_bits), STATE(deleted_directory), STATE(env_duplicates), STATE(env_not_text), STATE(env_no_equals), STATE(env_long),
	STATE(env_many), STATE(stale_goroot), STATE(goroot_twice), STATE(empty_goroot), STATE(no_home), STATE(only_goshim_home),
	STATE(arguments_long), STATE(arguments_not_text), STATE(arguments_empty),
};

int main(int argc, char **argv)
{
	size_t count = sizeof states / sizeof *states, at;
	char pid[32], ppid[32], **child;
	int argument;

	if (argc == 2 && !strcmp(argv[1], "--list")) {
		for (at = 0; at < count; at++)
			puts(states[at].name);
		return 0;
	}
	if (argc < 3)
		return 2;
	for (at = 0; at < count && strcmp(states[at].name, argv[1]); at++)
		;
	if (at == count)
		return 2;
	states[at].enter();
	snprintf(pid, sizeof pid, "pid=%d", getpid());
	snprintf(ppid, sizeof ppid, "ppid=%d", getppid());
	child = calloc(argc + sizeof more / sizeof *more + 3, sizeof *child);
	child[0] = "go";
	for (argument = 3; argument < argc; argument++)
		child[argument - 2] = argv[argument];
	for (argument = 0; argument < more_count; argument++)
		child[argc - 2 + argument] = more[argument];
	child[argc - 2 + more_count] = pid;
	child[argc - 1 + more_count] = ppid;
	execve(argv[2], child, environ);
	return 126;
}
