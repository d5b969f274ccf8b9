package io.streamgauge.javaagent;

import io.grpc.internal.GrpcUtil;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.Opcodes;
import net.bytebuddy.jar.asm.commons.ClassRemapper;
import net.bytebuddy.jar.asm.commons.Remapper;

/** The grpc-core of this class path with one member under another name, consistently. */
final class Renamed {

  private Renamed() {}

  static void write(Path folder, String className, String member) throws IOException {
    Remapper remapper = new OneMember(className.replace('.', '/'), member);
    File core =
        new File(GrpcUtil.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    try (JarFile jar = new JarFile(core)) {
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
        JarEntry entry = entries.nextElement();
        if (entry.getName().endsWith(".class")) {
          ClassWriter writer = new ClassWriter(0);
          new ClassReader(jar.getInputStream(entry).readAllBytes())
              .accept(new ClassRemapper(writer, remapper), 0);
          Path file = folder.resolve(entry.getName());
          Files.createDirectories(file.getParent());
          Files.write(file, writer.toByteArray());
        }
      }
    }
  }

  private static final class OneMember extends Remapper {
    private final String owner;
    private final String member;

    OneMember(String owner, String member) {
      super(Opcodes.ASM9);
      this.owner = owner;
      this.member = member;
    }

    private String map(String type, String name) {
      return type.equals(owner) && name.equals(member) ? name + "OfTomorrow" : name;
    }

    @Override
    public String mapMethodName(String type, String name, String descriptor) {
      return map(type, name);
    }

    @Override
    public String mapFieldName(String type, String name, String descriptor) {
      return map(type, name);
    }
  }
}
