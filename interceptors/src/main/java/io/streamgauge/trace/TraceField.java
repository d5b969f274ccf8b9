package io.streamgauge.trace;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.streamgauge.wire.MessageCarrier;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A {@code map<string, string>} field of a protobuf message, by its name. */
final class TraceField implements MessageCarrier<Object> {

  private final FieldDescriptor field;

  private TraceField(FieldDescriptor field) {
    this.field = field;
  }

  /** Null if the type is no protobuf message or has no such field. */
  static MessageCarrier<Object> of(Class<?> type, String name) {
    if (!Message.class.isAssignableFrom(type)) {
      return null;
    }
    try {
      Descriptor descriptor = (Descriptor) type.getMethod("getDescriptor").invoke(null);
      FieldDescriptor field = descriptor.findFieldByName(name);
      return field != null && isTextMap(field) ? new TraceField(field) : null;
    } catch (ReflectiveOperationException e) {
      return null;
    }
  }

  private static boolean isTextMap(FieldDescriptor field) {
    return field.isMapField()
        && field.getMessageType().findFieldByNumber(1).getType() == FieldDescriptor.Type.STRING
        && field.getMessageType().findFieldByNumber(2).getType() == FieldDescriptor.Type.STRING;
  }

  @Override
  public Map<String, String> read(Object message) {
    Map<String, String> values = new HashMap<>();
    for (Object entry : (List<?>) ((Message) message).getField(field)) {
      Message pair = (Message) entry;
      Descriptor type = pair.getDescriptorForType();
      values.put(
          (String) pair.getField(type.findFieldByNumber(1)),
          (String) pair.getField(type.findFieldByNumber(2)));
    }
    return values;
  }

  @Override
  public Object remove(Object message, Collection<String> keys) {
    Map<String, String> left = read(message);
    return left.keySet().removeAll(keys) ? replace(message, left) : message;
  }

  @Override
  public Object write(Object message, Map<String, String> values) {
    Map<String, String> all = read(message);
    all.putAll(values);
    return replace(message, all);
  }

  private Object replace(Object message, Map<String, String> all) {
    Message.Builder builder = ((Message) message).toBuilder().clearField(field);
    all.forEach(
        (key, value) -> {
          Message.Builder pair = builder.newBuilderForField(field);
          Descriptor type = pair.getDescriptorForType();
          pair.setField(type.findFieldByNumber(1), key);
          pair.setField(type.findFieldByNumber(2), value);
          builder.addRepeatedField(field, pair.build());
        });
    return builder.build();
  }
}
