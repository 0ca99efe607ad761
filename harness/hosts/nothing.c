/* Starts and ends. What goes wrong before its first line is not its doing. */
int main(void) { return 0; }
