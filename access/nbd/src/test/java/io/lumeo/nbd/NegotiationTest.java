package io.lumeo.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lumeo.block.MemoryDevice;
import io.lumeo.block.StorageException;
import io.lumeo.nbd.Negotiation.Next;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NegotiationTest {
  private final TestExports exports =
      TestExports.of("disk", new MemoryDevice(1 << 20)).with("", new MemoryDevice(5));
  private boolean shuttingDown;
  private Negotiation negotiation;

  private record Reply(int option, int type, String text) {}

  @BeforeEach
  void start() {
    negotiation = new Negotiation(exports, Limits.DEFAULT, () -> shuttingDown);
    assertThat(negotiation.acceptClientFlags(3)).isTrue();
  }

  @AfterEach
  void stop() throws IOException {
    negotiation.close();
    assertThat(exports.openCount()).as("exports left open").isZero();
  }

  @Test
  void theListNamesEveryExport() {
    assertThat(ask(Protocol.OPT_LIST)).isEqualTo(Next.OPTION);
    assertThat(replies())
        .containsExactly(
            new Reply(3, Protocol.REP_SERVER, "\0\0\0\0about "),
            new Reply(3, Protocol.REP_SERVER, "\0\0\0\4diskabout disk"),
            new Reply(3, Protocol.REP_ACK, ""));
  }

  @Test
  void aListTakesNoData() {
    assertThat(ask(Protocol.OPT_LIST, (byte) 0)).isEqualTo(Next.OPTION);
    assertThat(types()).containsExactly(Protocol.REP_ERR_INVALID);
  }

  @Test
  void structuredReplyTakesNoData() {
    ask(Protocol.OPT_STRUCTURED_REPLY, (byte) 0);
    assertThat(types()).containsExactly(Protocol.REP_ERR_INVALID);
    ask(Protocol.OPT_GO, RawClient.info("disk"));
    assertThat(negotiated().structuredReplies()).isFalse();
  }

  @Test
  void tlsAndExtendedHeadersAreNotSupported() {
    ask(Protocol.OPT_STARTTLS);
    ask(Protocol.OPT_EXTENDED_HEADERS);
    ask(4); // PEEK_EXPORT, withdrawn
    assertThat(types())
        .containsExactly(Protocol.REP_ERR_UNSUP, Protocol.REP_ERR_UNSUP, Protocol.REP_ERR_UNSUP);
  }

  @Test
  void goChoosesAnExportAndTellsOnlyWhatWasAskedFor() {
    assertThat(ask(Protocol.OPT_GO, RawClient.info("disk"))).isEqualTo(Next.TRANSMISSION);
    assertThat(types()).containsExactly(Protocol.REP_INFO, Protocol.REP_INFO, Protocol.REP_ACK);
    var session = negotiated();
    assertThat(session.exportName()).isEqualTo("disk");
    assertThat(session.structuredReplies()).isFalse();
    assertThat(session.allocation()).isFalse();
  }

  @Test
  void infoTellsNameAndDescriptionWhenAskedAndDoesNotChoose() {
    var wishes = RawClient.info("disk", 1, 2, 3, 0, 77);
    assertThat(ask(Protocol.OPT_INFO, wishes)).isEqualTo(Next.OPTION);
    assertThat(replies()).extracting(Reply::text).contains("\0\1disk", "\0\2about disk");
  }

  @Test
  void theEmptyNameIsTheDefaultExport() {
    assertThat(ask(Protocol.OPT_GO, RawClient.info(""))).isEqualTo(Next.TRANSMISSION);
    assertThat(negotiated().export().device().sizeBytes()).isEqualTo(5);
  }

  @Test
  void anUnknownExportIsRefusedWithTheReason() {
    assertThat(ask(Protocol.OPT_GO, RawClient.info("nothing"))).isEqualTo(Next.OPTION);
    assertThat(replies())
        .containsExactly(
            new Reply(
                7, Protocol.REP_ERR_UNKNOWN, "There is no export \"nothing\"; ask for the list"));
  }

  @Test
  void malformedDataIsRefused() {
    byte[] good = RawClient.info("disk", 1);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = new byte[length];
      System.arraycopy(good, 0, cut, 0, length);
      assertThat(ask(Protocol.OPT_GO, cut)).isEqualTo(Next.OPTION);
      assertThat(types()).as("%d bytes", length).containsExactly(Protocol.REP_ERR_INVALID);
    }
    ask(Protocol.OPT_GO, ByteBuffer.allocate(10).putInt(-1).array());
    assertThat(types()).containsExactly(Protocol.REP_ERR_INVALID);
    ask(Protocol.OPT_GO, ByteBuffer.allocate(10).putInt(1 << 30).array());
    assertThat(types()).containsExactly(Protocol.REP_ERR_INVALID);
  }

  @Test
  void namesAreUtf8WithoutNulAndNotTooLong() {
    ask(Protocol.OPT_GO, RawClient.info("a\0b"));
    ask(Protocol.OPT_GO, RawClient.info("x".repeat(4097)));
    ask(
        Protocol.OPT_GO,
        ByteBuffer.allocate(7).putInt(1).put((byte) 0xff).putShort((short) 0).array());
    assertThat(types())
        .containsExactly(
            Protocol.REP_ERR_INVALID, Protocol.REP_ERR_INVALID, Protocol.REP_ERR_INVALID);
    assertThat(ask(Protocol.OPT_EXPORT_NAME, "a\0b".getBytes(UTF_8))).isEqualTo(Next.END);
    ask(Protocol.OPT_GO, RawClient.info("x".repeat(4096)));
    assertThat(types()).containsExactly(Protocol.REP_ERR_UNKNOWN);
  }

  @Test
  void metadataNeedsStructuredReplies() {
    ask(Protocol.OPT_LIST_META_CONTEXT, RawClient.contexts("disk"));
    ask(Protocol.OPT_SET_META_CONTEXT, RawClient.contexts("disk", "base:allocation"));
    assertThat(types()).containsExactly(Protocol.REP_ERR_INVALID, Protocol.REP_ERR_INVALID);
  }

  @Test
  void theContextListAnswersNothingTheNamespaceAndTheName() {
    structured();
    for (var queries : new String[][] {{}, {"base:"}, {"base:allocation"}, {"x:y", "base:"}}) {
      ask(Protocol.OPT_LIST_META_CONTEXT, RawClient.contexts("disk", queries));
      assertThat(replies())
          .containsExactly(
              new Reply(9, Protocol.REP_META_CONTEXT, "\0\0\0\0base:allocation"),
              new Reply(9, Protocol.REP_ACK, ""));
    }
    ask(Protocol.OPT_LIST_META_CONTEXT, RawClient.contexts("disk", "qemu:", "base:other"));
    assertThat(types()).containsExactly(Protocol.REP_ACK);
    ask(Protocol.OPT_LIST_META_CONTEXT, RawClient.contexts("nothing"));
    assertThat(types()).containsExactly(Protocol.REP_ERR_UNKNOWN);
  }

  @Test
  void aSelectedContextIsInForceForItsExport() {
    structured();
    ask(Protocol.OPT_SET_META_CONTEXT, RawClient.contexts("disk", "base:allocation"));
    assertThat(replies())
        .containsExactly(
            new Reply(10, Protocol.REP_META_CONTEXT, "\0\0\0\1base:allocation"),
            new Reply(10, Protocol.REP_ACK, ""));
    ask(Protocol.OPT_GO, RawClient.info("disk"));
    assertThat(negotiated().allocation()).isTrue();
  }

  @Test
  void aContextSelectedForAnotherExportIsNotInForce() {
    structured();
    ask(Protocol.OPT_SET_META_CONTEXT, RawClient.contexts("disk", "base:allocation"));
    ask(Protocol.OPT_GO, RawClient.info(""));
    assertThat(negotiated().allocation()).isFalse();
  }

  @Test
  void aNewSelectionReplacesTheOldOneEvenWhenItFails() {
    structured();
    ask(Protocol.OPT_SET_META_CONTEXT, RawClient.contexts("disk", "base:allocation"));
    ask(Protocol.OPT_SET_META_CONTEXT, (byte) 1);
    replies();
    ask(Protocol.OPT_GO, RawClient.info("disk"));
    assertThat(negotiated().allocation()).isFalse();
  }

  @Test
  void aSelectionOfNothingSelectsNothing() {
    structured();
    ask(Protocol.OPT_SET_META_CONTEXT, RawClient.contexts("disk", "base:allocation"));
    ask(Protocol.OPT_SET_META_CONTEXT, RawClient.contexts("disk", "base:", "qemu:dirty"));
    ask(Protocol.OPT_GO, RawClient.info("disk"));
    assertThat(negotiated().allocation()).isFalse();
  }

  @Test
  void moreQueriesThanTheDataHoldsAreRefused() {
    structured();
    byte[] data = RawClient.contexts("disk", "base:allocation");
    data[11] = (byte) 200;
    ask(Protocol.OPT_SET_META_CONTEXT, data);
    data[8] = (byte) 0xff; // 4 thousand million queries
    ask(Protocol.OPT_SET_META_CONTEXT, data);
    assertThat(types()).containsExactly(Protocol.REP_ERR_INVALID, Protocol.REP_ERR_INVALID);
  }

  @Test
  void optionsAreRefusedWhileTheServerShutsDown() {
    shuttingDown = true;
    assertThat(ask(Protocol.OPT_GO, RawClient.info("disk"))).isEqualTo(Next.OPTION);
    assertThat(ask(Protocol.OPT_EXPORT_NAME, "disk".getBytes(UTF_8))).isEqualTo(Next.END);
    assertThat(ask(Protocol.OPT_ABORT)).isEqualTo(Next.END);
    assertThat(types()).containsExactly(Protocol.REP_ERR_SHUTDOWN, Protocol.REP_ACK);
  }

  @Test
  void failuresOfOpeningAreToldByKind() {
    refusedAs(new StorageException.Busy("in use"), Protocol.REP_ERR_POLICY);
    refusedAs(new StorageException.InvalidArgument("no name"), Protocol.REP_ERR_UNKNOWN);
    refusedAs(new IOException("disk broken"), Protocol.REP_ERR_PLATFORM);
    refusedAs(new IOException(), Protocol.REP_ERR_PLATFORM);
  }

  private void refusedAs(IOException failure, int error) {
    var failing =
        new Exports() {
          @Override
          public List<ExportInfo> list() throws IOException {
            throw failure;
          }

          @Override
          public Export open(String name) throws IOException {
            throw failure;
          }
        };
    negotiation = new Negotiation(failing, Limits.DEFAULT, () -> false);
    negotiation.acceptClientFlags(3);
    structured();
    ask(Protocol.OPT_GO, RawClient.info("disk"));
    ask(Protocol.OPT_LIST);
    ask(Protocol.OPT_SET_META_CONTEXT, RawClient.contexts("disk"));
    assertThat(types()).containsExactly(error, error, error);
  }

  @Test
  void aLongMessageIsCutAtACharacter() {
    var replies = new OptionReplies();
    replies.error(7, Protocol.REP_ERR_POLICY, "ä".repeat(3000));
    assertThat(replies.take().remaining()).isEqualTo(20 + 4096);
    replies.error(7, Protocol.REP_ERR_POLICY, "a" + "ä".repeat(3000));
    assertThat(replies.take().remaining()).isEqualTo(20 + 4095);
  }

  @Test
  void thereIsNoSessionBeforeAnExportIsChosen() {
    assertThatThrownBy(() -> negotiation.takeSession()).isInstanceOf(IllegalStateException.class);
  }

  private void structured() {
    ask(Protocol.OPT_STRUCTURED_REPLY);
    replies();
  }

  private Next ask(int option, byte... data) {
    return negotiation.answer(option, ByteBuffer.wrap(data));
  }

  private Session negotiated() {
    var session = negotiation.takeSession();
    try {
      session.export().close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return session;
  }

  private List<Integer> types() {
    return replies().stream().map(Reply::type).toList();
  }

  private List<Reply> replies() {
    var bytes = negotiation.takeReplies();
    var replies = new ArrayList<Reply>();
    while (bytes.hasRemaining()) {
      assertThat(bytes.getLong()).isEqualTo(Protocol.OPTION_REPLY_MAGIC);
      int option = bytes.getInt();
      int type = bytes.getInt();
      byte[] data = new byte[bytes.getInt()];
      bytes.get(data);
      replies.add(new Reply(option, type, new String(data, UTF_8)));
    }
    return replies;
  }
}
