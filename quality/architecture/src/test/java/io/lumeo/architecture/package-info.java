/// ARCHITECTURE.md as tests: who may know whom, and the house rules a compiler does not check.
@NullMarked
package io.lumeo.architecture;

import org.jspecify.annotations.NullMarked;
