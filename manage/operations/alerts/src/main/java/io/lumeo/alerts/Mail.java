package io.lumeo.alerts;

/// A letter, in both forms that a mail program may show.
///
/// @param id unique, and the same for every attempt to send it: it becomes the `Message-ID`
/// @param subject one line; whatever would end the line is replaced
/// @param text plain
/// @param html the same as a self-contained page
public record Mail(String id, String subject, String text, String html) {

  public Mail {
    subject = Words.oneLine(subject);
  }

  static Mail of(Message message) {
    var html = new StringBuilder("<!DOCTYPE html><html><body style=\"font-family:sans-serif\">");
    for (var notice : message.notices()) {
      html.append("<h3>").append(escaped(Message.heading(notice) + notice.text().title()));
      html.append("</h3>");
      if (notice.isResolved()) {
        html.append("<p>It is over since ").append(notice.endedAt()).append(".</p>");
        continue;
      }
      html.append("<p>").append(escaped(notice.text().meaning()));
      html.append("</p><p>Since ").append(notice.begunAt()).append(".</p><ul>");
      for (var step : notice.text().next()) {
        html.append("<li><code>").append(escaped(step)).append("</code></li>");
      }
      html.append("</ul>");
    }
    return new Mail(
        message.id(), message.subject(), message.text(), html.append("</body></html>").toString());
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
