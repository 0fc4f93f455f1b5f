package org.vmlog.wire;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import org.vmlog.record.Channel;

/** What guests can call, and what serves each. Stateless. */
final class GuestMethods {
  private static final String COLLECTOR = "vm_tools.LogCollector";
  private static final String STREAM = "vmlog.v1.LogStream";

  private GuestMethods() {}

  /** ChromiumOS's unary methods. */
  static ServerServiceDefinition collector(InboundBudget budget) {
    return ServerServiceDefinition.builder(COLLECTOR)
        .addMethod(
            method(MethodType.UNARY, COLLECTOR, "CollectKernelLogs"),
            new CollectHandler(Channel.KERNEL, budget))
        .addMethod(collectUserLogs(), new CollectHandler(Channel.USER, budget))
        .build();
  }

  /** Also what a component's sink is for. */
  static MethodDescriptor<byte[], byte[]> collectUserLogs() {
    return method(MethodType.UNARY, COLLECTOR, "CollectUserLogs");
  }

  /** Our own stream. */
  static ServerServiceDefinition stream(InboundBudget budget) {
    return ServerServiceDefinition.builder(STREAM)
        .addMethod(method(MethodType.BIDI_STREAMING, STREAM, "Push"), new PushHandler(budget))
        .build();
  }

  private static MethodDescriptor<byte[], byte[]> method(
      MethodType type, String service, String name) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
        .setRequestMarshaller(RequestMarshaller.INSTANCE)
        .setResponseMarshaller(RequestMarshaller.INSTANCE)
        .build();
  }
}
