// The runner of the unit tests. Every other file here makes claims about one header.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
