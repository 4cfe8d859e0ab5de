/// Each figure beside a peer, measured in turns with it in the same run.
@NullMarked
package io.lumeo.benchmarks;

import org.jspecify.annotations.NullMarked;
