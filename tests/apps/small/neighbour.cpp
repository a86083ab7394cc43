extern "C" __attribute__((visibility("default"))) int neighbour();
extern "C" int neighbour() { return 7; }
