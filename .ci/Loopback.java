import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * DynamoDBLocal listens on every address and has no option against that. As a Java agent
 * (`java -javaagent:loopback.jar -jar DynamoDBLocal.jar ...`) this runs in the place of its main class, with the
 * same arguments: it binds 127.0.0.1 alone and sends no telemetry.
 */
public class Loopback {
    public static void premain(String options) throws Exception {
        String command = System.getProperty("sun.java.command");
        String[] words = command.substring(command.indexOf(".jar") + 4).trim().split(" +");
        DynamoDBProxyServer dynamo = ServerRunner.createServerFromCommandLineArgs(words);
        var field = DynamoDBProxyServer.class.getDeclaredField("server");
        field.setAccessible(true);
        for (Connector connector : ((Server) field.get(dynamo)).getConnectors()) {
            ((ServerConnector) connector).setHost("127.0.0.1");
        }
        dynamo.start();
        dynamo.join();
    }
}
