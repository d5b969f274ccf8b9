package io.streamgauge.gray;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Whose tag is believed where strangers call. Asked once a call that brings a tag; an exception is
 * a no.
 */
public interface GrayEdge {

  /**
   * Whether this caller may choose the tag.
   *
   * @param tag as it was sent; not checked yet
   * @param peer of the connection, with the TLS session under {@link
   *     Grpc#TRANSPORT_ATTR_SSL_SESSION}
   */
  boolean trusts(String tag, Metadata headers, Attributes peer, MethodDescriptor<?, ?> method);

  /** Believes no caller. */
  static GrayEdge none() {
    return (tag, headers, peer, method) -> false;
  }

  /**
   * Callers whose verified client certificate (mutual TLS) has one of these subject alternative
   * names: DNS names, URIs such as SPIFFE ids, or IP addresses, compared exactly.
   */
  static GrayEdge peers(String... names) {
    Set<String> allowed = new HashSet<>(Arrays.asList(names));
    return (tag, headers, peer, method) ->
        hasName(peer.get(Grpc.TRANSPORT_ATTR_SSL_SESSION), allowed);
  }

  /** Whether the peer of a TLS session has one of the names; no for no session. */
  static boolean hasName(SSLSession session, Set<String> allowed) {
    if (session == null) {
      return false;
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      Collection<List<?>> names =
          chain.length > 0 && chain[0] instanceof X509Certificate
              ? ((X509Certificate) chain[0]).getSubjectAlternativeNames()
              : null;
      if (names == null) {
        return false;
      }
      for (List<?> name : names) {
        // RFC 5280, 4.2.1.6: the kind, then the value; text for the kinds that matter here.
        if (name.size() > 1 && name.get(1) instanceof String && allowed.contains(name.get(1))) {
          return true;
        }
      }
      return false;
    } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
      return false;
    }
  }
}
