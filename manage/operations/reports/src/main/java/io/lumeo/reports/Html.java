package io.lumeo.reports;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Pattern;

/// A page as a tree, which is escaped when it is written: a text that was put in as text cannot
/// come out as a tag, whatever it holds. SVG is written in the same way.
sealed interface Html {
  Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9-]*");
  Set<String> WITHOUT_END = Set.of("meta", "br", "hr");

  void writeTo(StringBuilder page);

  /// An element; children come from [Element#add].
  static Element element(String name, Html... children) {
    return new Element(name, new LinkedHashMap<>(), new ArrayList<>(List.of(children)));
  }

  /// An element that holds a text.
  static Element element(String name, String text) {
    return element(name, new Text(text));
  }

  static Text text(String text) {
    return new Text(text);
  }

  /// An element and its attributes; grows while the page is made.
  record Element(String name, SequencedMap<String, String> attributes, List<Html> children)
      implements Html {
    public Element {
      checkName(name);
    }

    Element with(String attribute, String value) {
      checkName(attribute);
      attributes.put(attribute, value);
      return this;
    }

    Element with(String attribute, double value) {
      return with(attribute, Svg.number(value));
    }

    Element add(Html... more) {
      children.addAll(List.of(more));
      return this;
    }

    Element addAll(List<? extends Html> more) {
      children.addAll(more);
      return this;
    }

    private static void checkName(String name) {
      if (!NAME.matcher(name).matches()) {
        throw new IllegalArgumentException("'" + name + "' is no name of an element or attribute");
      }
    }

    @Override
    public void writeTo(StringBuilder page) {
      page.append('<').append(name);
      for (Map.Entry<String, String> attribute : attributes.entrySet()) {
        page.append(' ').append(attribute.getKey()).append("=\"");
        escape(page, attribute.getValue());
        page.append('"');
      }
      page.append('>');
      children.forEach(child -> child.writeTo(page));
      if (!WITHOUT_END.contains(name)) {
        page.append("</").append(name).append('>');
      }
    }
  }

  record Text(String text) implements Html {
    @Override
    public void writeTo(StringBuilder page) {
      escape(page, text);
    }
  }

  /// The style of the page: the one thing that is not escaped, and comes from the program only.
  record Style(String css) implements Html {
    public Style {
      if (css.contains("<")) {
        throw new IllegalArgumentException("a style sheet has no use for '<'");
      }
    }

    @Override
    public void writeTo(StringBuilder page) {
      page.append("<style>").append(css).append("</style>");
    }
  }

  private static void escape(StringBuilder page, String text) {
    for (var i = 0; i < text.length(); i++) {
      var c = text.charAt(i);
      switch (c) {
        case '&' -> page.append("&amp;");
        case '<' -> page.append("&lt;");
        case '>' -> page.append("&gt;");
        case '"' -> page.append("&quot;");
        case '\'' -> page.append("&#39;");
        default -> page.append(isVisible(c) ? c : '\ufffd');
      }
    }
  }

  /// Neither a control character nor one that turns the direction of what follows.
  private static boolean isVisible(char c) {
    return c == '\n'
        || c == '\t'
        || !(Character.isISOControl(c)
            || (c >= '\u202a' && c <= '\u202e')
            || (c >= '\u2066' && c <= '\u2069'));
  }
}
