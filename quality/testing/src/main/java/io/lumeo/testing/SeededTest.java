package io.lumeo.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/// A test that runs once per seed, with a [java.util.Random] made from it as its parameter.
///
/// The seeds follow from the names of class and method, so that every machine runs the same ones,
/// and each is in the title of its run. `-Dseed=N` runs the one seed N, `-Dseeds=N` runs N of them.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(SeededTestExtension.class)
public @interface SeededTest {
  /// How many seeds are run unless `-Dseeds` says otherwise.
  int seeds() default 20;
}
