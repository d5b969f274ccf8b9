package io.streamgauge.internal.grpc;

import io.grpc.netty.shaded.io.netty.bootstrap.Bootstrap;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.grpc.netty.shaded.io.netty.buffer.Unpooled;
import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.channel.ChannelInitializer;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioSocketChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Error;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2Headers;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2StreamChannel;
import io.grpc.netty.shaded.io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.grpc.netty.shaded.io.netty.util.AsciiString;
import io.grpc.netty.shaded.io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A caller that speaks HTTP/2 and keeps none of gRPC's rules: what it sends is sent as it is. */
@SuppressWarnings("FutureReturnValueIgnored") // what became of a write is told by the stream's end
public final class RawHttp2 implements AutoCloseable {

  private static final int IN_FLIGHT = 50;
  private static final int SECONDS = 30;

  private final int port;

  @SuppressWarnings("deprecation") // what came in its place is not in the oldest grpc
  private final EventLoopGroup loop = new NioEventLoopGroup(1);

  private final Semaphore room = new Semaphore(IN_FLIGHT);
  private Channel connection;

  public RawHttp2(int port) {
    this.port = port;
  }

  /** The server may hang up at any time; then another connection is made. */
  private Channel connection() throws InterruptedException {
    if (connection == null || !connection.isActive()) {
      connection =
          new Bootstrap()
              .group(loop)
              .channel(NioSocketChannel.class)
              .handler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      channel
                          .pipeline()
                          .addLast(
                              Http2FrameCodecBuilder.forClient().validateHeaders(false).build(),
                              new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                    }
                  })
              .connect(InetAddress.getLoopbackAddress(), port)
              .sync()
              .channel();
    }
    return connection;
  }

  /** A unary call with these headers besides those gRPC wants; waits while many are open. */
  public void call(String path, Map<String, byte[]> more, boolean reset)
      throws InterruptedException {
    if (!room.tryAcquire(SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("the server does not answer");
    }
    Http2Headers headers =
        new DefaultHttp2Headers(false)
            .method("POST")
            .scheme("http")
            .path(path)
            .authority("localhost")
            .add("content-type", "application/grpc")
            .add("te", "trailers");
    more.forEach((name, value) -> headers.add(name, new AsciiString(value)));
    new Http2StreamChannelBootstrap(connection())
        .handler(new Answers(room))
        .open()
        .addListener(
            opened -> {
              if (!opened.isSuccess()) {
                room.release();
                return;
              }
              Http2StreamChannel stream = (Http2StreamChannel) opened.getNow();
              stream.write(new DefaultHttp2HeadersFrame(headers));
              if (reset) {
                stream.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.CANCEL));
              } else {
                stream.writeAndFlush(new DefaultHttp2DataFrame(message("hello"), true));
              }
            });
  }

  private static ByteBuf message(String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return Unpooled.buffer().writeByte(0).writeInt(bytes.length).writeBytes(bytes);
  }

  /** Until every call is over. */
  public void rest() throws InterruptedException {
    if (!room.tryAcquire(IN_FLIGHT, SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException(room.availablePermits() + " calls have not ended");
    }
    room.release(IN_FLIGHT);
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.close();
    }
    loop.shutdownGracefully();
  }

  /** Reads and forgets. */
  private static final class Answers extends ChannelInboundHandlerAdapter {
    private final Semaphore room;

    Answers(Semaphore room) {
      this.room = room;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      room.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
