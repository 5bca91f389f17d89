/*
 * crowd COUNT ROUNDS PROGRAM ARGUMENTS...: COUNT processes that become PROGRAM at the same moment, and this ROUNDS times. Prints how many
 * ran and how many of them did not end with exit code 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int count, rounds, at, status, ran = 0, failed = 0;

	if (argc < 4)
		return 2;
	count = atoi(argv[1]);
	for (rounds = atoi(argv[2]); rounds > 0; rounds--) {
		int gate[2];
		char none;

		if (pipe(gate) != 0)
			return 1;
		for (at = 0; at < count; at++) {
			pid_t child = fork();
			if (child < 0)
				return 1;
			if (child)
				continue;
			/* They all wait for the end of the pipe, which comes when this process closes it. */
			close(gate[1]);
			if (read(gate[0], &none, 1) != 0)
				_exit(125);
			close(gate[0]);
			execv(argv[3], argv + 3);
			_exit(126);
		}
		close(gate[0]);
		close(gate[1]);
		while (wait(&status) > 0) {
			ran++;
			if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
				failed++;
		}
	}
	printf("ran %d failed %d\n", ran, failed);
	return failed != 0;
}
