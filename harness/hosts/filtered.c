/* `filtered RULE PROGRAM ARGUMENT...`: the program behind a filter that is there before its first
 * constructor. Knows exec. Refuses to know the rules. */
#include <unistd.h>

#include "host.h"

struct settings settings;

int main(int count, char** arguments) {
    if (count < 3) {
        return 64;
    }
    filter_calls(arguments[1]);
    (void)execv(arguments[2], arguments + 2);
    give_up("exec");
}
