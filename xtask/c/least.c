/*
 * The least program that does the shim's job: it opens the files that the shim opens, in the same order, and becomes the go that they
 * name. It believes whatever they say and reports nothing, so its cost is what no shim can go below.
 *
 * Exit codes: 125 no environment to work with, 126 the go could not be executed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* The file read last, ended by a NUL. */
static char text[65536];

/* Reads a regular file into text. Returns its length, -1 where there is none. */
static long read_file(const char *path)
{
	struct stat st;
	long length = -1;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		length = read(fd, text, sizeof text - 1);
	close(fd);
	if (length >= 0)
		text[length] = 0;
	return length;
}

/* The same for dir/name, where dir has len bytes. */
static long read_in(const char *dir, int len, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%.*s/%s", len, dir, name);
	return read_file(path);
}

/* Whether dir/name is there. */
static int is_in(const char *dir, int len, const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	snprintf(path, sizeof path, "%.*s/%s", len, dir, name);
	return stat(path, &st) == 0;
}

/* The length of the directory above; -1 above the root, which has length 0. */
static int above(const char *dir, int len)
{
	while (len > 0 && dir[len - 1] != '/')
		len--;
	return len - 1;
}

/* The word after key in text, which fits into word[64]. Leaves word as it is where there is none. */
static void word_after(const char *key, char *word)
{
	const char *at = strstr(text, key);

	if (at)
		sscanf(at + strlen(key), "%63s", word);
}

/* The newest patch of the minor version go among the directories goX.Y.Z of store/sdks. */
static void newest_patch(const char *store, const char *go, char *version)
{
	char path[PATH_MAX];
	size_t length = strlen(go);
	struct dirent *entry;
	int newest = -1;
	DIR *dir;

	snprintf(path, sizeof path, "%s/sdks", store);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		const char *name = entry->d_name + 2;
		if (!strncmp(name, go, length) && name[length] == '.' && atoi(name + length + 1) > newest) {
			newest = atoi(name + length + 1);
			snprintf(version, 64, "%.63s", name);
		}
	}
	if (dir)
		closedir(dir);
}

int main(int argc, char **argv)
{
	static char dir[PATH_MAX], program[PATH_MAX], goroot[PATH_MAX];
	char version[64] = "", go[64] = "", **child;
	const char *home = getenv("HOME"), *store = getenv("GOSHIM_HOME");
	int len, count = 0, kept = 0;
	struct stat st;

	(void)argc;
	if (!home || !store || !getcwd(dir, sizeof dir))
		return 125;
	read_in(home, strlen(home), ".config/goshim/config.toml");
	read_file("/etc/goshim/config.toml");
	read_in(home, strlen(home), ".config/go/env");
	for (len = strlen(dir); len >= 0; len = above(dir, len)) {
		if (read_in(dir, len, ".goshim.toml") > 0) {
			word_after("\nversion = \"", version);
			version[strcspn(version, "\"")] = 0;
			break;
		}
		if (version[0])
			continue;
		if (read_in(dir, len, ".go-version") > 0)
			sscanf(text, "%63s", version);
		else
			read_in(dir, len, ".tool-versions");
	}
	for (len = strlen(dir); len >= 0 && !is_in(dir, len, "go.work"); len = above(dir, len))
		;
	for (len = strlen(dir); len >= 0 && !is_in(dir, len, "go.mod"); len = above(dir, len))
		;
	if (len >= 0 && read_in(dir, len, "go.mod") > 0) {
		word_after("\ngo ", go);
		if (!version[0])
			word_after("\ntoolchain go", version);
	}
	if (!version[0]) {
		read_in(store, strlen(store), "state/default");
		newest_patch(store, go, version);
	}
	snprintf(goroot, sizeof goroot, "GOROOT=%s/sdks/go%s", store, version);
	snprintf(program, sizeof program, "%.4000s/bin/go", goroot + strlen("GOROOT="));
	if (stat(program, &st) != 0)
		return 126;
	while (environ[count])
		count++;
	child = malloc((count + 2) * sizeof *child);
	for (len = 0; child && len < count; len++)
		if (strncmp(environ[len], "GOROOT=", strlen("GOROOT=")))
			child[kept++] = environ[len];
	if (!child)
		return 125;
	child[kept++] = goroot;
	child[kept] = NULL;
	execve(program, argv, child);
	return 126;
}
