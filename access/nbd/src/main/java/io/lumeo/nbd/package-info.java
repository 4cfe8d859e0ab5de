/// Serves any [io.lumeo.block.BlockDevice] over NBD, and reaches those that others serve.
///
/// The protocol is the NBD project's `doc/proto.md`. A connection has two phases:
///
/// ```
///   Handshake    the client asks with options, the server answers   Negotiation (pure), Handshake (socket)
///   Transmission requests and replies, in any order                 Transmission, RequestStream, ReplyStream
/// ```
///
/// [NbdServer] accepts connections and holds what they share: limits, buffers, threads and
/// counters. [NbdClient] is a device at the other end of a connection.
package io.lumeo.nbd;
