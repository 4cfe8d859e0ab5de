package io.lumeo.configuration;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.composer.Composer;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.parser.ParserImpl;
import org.snakeyaml.engine.v2.scanner.StreamReader;

/// Text → [Yaml], bounded in every direction in which a file can grow: a hostile one is refused
/// before it costs memory or stack.
final class YamlText {
  static final int MAX_CHARACTERS = 1 << 20;
  static final int MAX_DEPTH = 16;

  /// Aliases repeat what they stand for, so that a short file can be a large configuration.
  static final int MAX_VALUES = 50_000;

  private final String file;
  private final List<Mistake> mistakes;
  private int values;

  private YamlText(String file, List<Mistake> mistakes) {
    this.file = file;
    this.mistakes = mistakes;
  }

  /// The keys of a file, or empty if it has none; what is wrong with it is added to `mistakes`.
  static Optional<Yaml.Mapping> parse(SourceText source, List<Mistake> mistakes) {
    return new YamlText(source.file(), mistakes)
        .value(source.text())
        .filter(YamlText::isSomething)
        .flatMap(root -> asMapping(root, mistakes));
  }

  /// Whatever stands in a file of somebody else's form.
  static Optional<Yaml> parseAny(SourceText source, List<Mistake> mistakes) {
    return new YamlText(source.file(), mistakes).value(source.text());
  }

  private static boolean isSomething(Yaml root) {
    return !(root instanceof Yaml.Scalar scalar && scalar.type() == Yaml.Type.NOTHING);
  }

  private static Optional<Yaml.Mapping> asMapping(Yaml root, List<Mistake> mistakes) {
    if (root instanceof Yaml.Mapping mapping) {
      return Optional.of(mapping);
    }
    mistakes.add(
        at(root.place(), "expected keys such as 'hosts:' and found %s".formatted(root.kind())));
    return Optional.empty();
  }

  private Optional<Yaml> value(String text) {
    if (text.length() > MAX_CHARACTERS) {
      refuse(
          "is larger than %d characters; split it into files in conf.d".formatted(MAX_CHARACTERS));
      return Optional.empty();
    }
    var settings =
        LoadSettings.builder()
            .setLabel(file)
            .setCodePointLimit(MAX_CHARACTERS)
            .setMaxAliasesForCollections(MAX_VALUES)
            // Both are reported by us, all at once.
            .setAllowDuplicateKeys(true)
            .setAllowNonScalarKeys(true)
            .build();
    try {
      return isBounded(text, settings)
          ? new Composer(settings, events(text, settings))
              .getSingleNode()
              .flatMap(node -> convert(node, 0))
          : Optional.empty();
    } catch (MarkedYamlEngineException e) {
      var mark = e.getProblemMark().or(e::getContextMark);
      mistakes.add(
          at(
              mark.map(this::place).orElse(new Place(file, 1, 1)),
              "is not YAML: " + Words.shown(String.valueOf(e.getProblem()))));
    } catch (YamlEngineException e) {
      refuse("is not YAML: " + Words.shown(String.valueOf(e.getMessage())));
    }
    return Optional.empty();
  }

  /// Looks at the text as a stream, before anything is built of it: composing is recursive, and
  /// deep nesting would end in a stack overflow.
  private boolean isBounded(String text, LoadSettings settings) {
    var depth = 0;
    var documents = 0;
    for (var events = events(text, settings); events.hasNext(); ) {
      switch (events.next()) {
        case CollectionStartEvent start -> {
          if (++depth > MAX_DEPTH) {
            mistakes.add(
                at(
                    start.getStartMark().map(this::place).orElse(new Place(file, 1, 1)),
                    "is nested deeper than %d levels".formatted(MAX_DEPTH)));
            return false;
          }
        }
        case CollectionEndEvent end -> depth--;
        case DocumentStartEvent start -> {
          if (++documents > 1) {
            mistakes.add(
                at(
                    start.getStartMark().map(this::place).orElse(new Place(file, 1, 1)),
                    "is a second document; put it into a file of its own in conf.d"));
            return false;
          }
        }
        default -> {}
      }
    }
    return true;
  }

  private static ParserImpl events(String text, LoadSettings settings) {
    return new ParserImpl(settings, new StreamReader(settings, text));
  }

  private Optional<Yaml> convert(Node node, int depth) {
    if (++values > MAX_VALUES || depth > MAX_DEPTH) {
      if (values <= MAX_VALUES + 1) {
        mistakes.add(at(place(node), "has more values than we take; are its aliases in a circle?"));
        values = MAX_VALUES + 1;
      }
      return Optional.empty();
    }
    return switch (node) {
      case MappingNode mapping -> Optional.of(mapping(mapping, depth));
      case SequenceNode sequence -> Optional.of(sequence(sequence, depth));
      case ScalarNode scalar -> Optional.of(scalar(scalar));
      default -> throw new AssertionError("a node that is none of three: " + node.getClass());
    };
  }

  private Yaml.Mapping mapping(MappingNode node, int depth) {
    var entries = new ArrayList<Yaml.Entry>();
    var seen = new HashMap<String, Place>();
    for (var tuple : node.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
        mistakes.add(at(place(tuple.getKeyNode()), "a key is a word here"));
        continue;
      }
      var key = keyNode.getValue();
      var place = place(keyNode);
      var first = seen.putIfAbsent(key, place);
      if (first != null) {
        mistakes.add(
            at(
                place,
                "the key '%s' is already in line %d; remove one of the two"
                    .formatted(Words.shown(key), first.line())));
        continue;
      }
      convert(tuple.getValueNode(), depth + 1)
          .ifPresent(value -> entries.add(new Yaml.Entry(place, key, value)));
    }
    return new Yaml.Mapping(place(node), List.copyOf(entries));
  }

  private Yaml.Sequence sequence(SequenceNode node, int depth) {
    var items = new ArrayList<Yaml>();
    for (var item : node.getValue()) {
      convert(item, depth + 1).ifPresent(items::add);
    }
    return new Yaml.Sequence(place(node), List.copyOf(items));
  }

  private Yaml.Scalar scalar(ScalarNode node) {
    var start = node.getStartMark().map(Mark::getIndex).orElse(0);
    var end = node.getEndMark().map(Mark::getIndex).orElse(start);
    var length = node.getValue().codePointCount(0, node.getValue().length());
    var quotes = node.getScalarStyle() == ScalarStyle.PLAIN ? 0 : 2;
    return new Yaml.Scalar(
        place(node), node.getValue(), type(node), end - start == length + quotes, start, end);
  }

  private Yaml.Type type(ScalarNode node) {
    var tag = node.getTag();
    if (tag.equals(Tag.STR)) {
      return Yaml.Type.TEXT;
    } else if (tag.equals(Tag.INT)) {
      return Yaml.Type.WHOLE;
    } else if (tag.equals(Tag.FLOAT)) {
      return Yaml.Type.DECIMAL;
    } else if (tag.equals(Tag.BOOL)) {
      return Yaml.Type.TRUTH;
    } else if (tag.equals(Tag.NULL)) {
      return Yaml.Type.NOTHING;
    }
    mistakes.add(
        at(place(node), "the tag '%s' means nothing here".formatted(Words.shown(tag.getValue()))));
    return Yaml.Type.TEXT;
  }

  private Place place(Node node) {
    return node.getStartMark().map(this::place).orElse(new Place(file, 1, 1));
  }

  private Place place(Mark mark) {
    return new Place(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  private void refuse(String message) {
    mistakes.add(at(new Place(file, 1, 1), message));
  }

  private static Mistake at(Place place, String message) {
    return new Mistake(place.file(), place.line(), place.column(), "", message);
  }
}
